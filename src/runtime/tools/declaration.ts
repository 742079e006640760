import { commentText } from './comment-text.ts';
import type { ToolFunction } from './tool-source.ts';

const MAX_COMMENT = 600;

/**
 * The TypeScript declaration of a tool's object. Beyond the length that there is room for, functions are declared without their types. Pure.
 * @param maxLength of what is declared in full, in UTF-16 units
 */
export function toolDeclaration(name: string, functions: Iterable<ToolFunction>, maxLength: number): string {
  const lines: string[] = [];
  let length = 0;
  for (const each of functions) {
    const full = fullText(each);
    const text = length + full.length <= maxLength ? full : `  ${each.name}(input?: any): Promise<any>;`;
    length += text.length + 1;
    lines.push(text);
  }
  return lines.length === 0 ? `declare const ${name}: {};` : `declare const ${name}: {\n${lines.join('\n')}\n};`;
}

/** That of a tool that is not there: why, in a comment. Pure. */
export const unavailableDeclaration = (name: string, why: string): string =>
  `/** Calls fail: ${commentText(why, MAX_COMMENT)} */\ndeclare const ${name}: Record<string, (input?: any) => Promise<any>>;`;

function fullText({ name, description, input, isOptional, output }: ToolFunction): string {
  const comment = commentText(description, MAX_COMMENT);
  const parameter = input === undefined ? '' : `input${isOptional ? '?' : ''}: ${indented(input)}`;
  return `${comment === '' ? '' : `  /** ${comment} */\n`}  ${name}(${parameter}): Promise<${indented(output)}>;`;
}

const indented = (type: string): string => type.replaceAll('\n', '\n  ');
