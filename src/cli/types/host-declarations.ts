import type TypeScript from 'typescript-5';
import { type FoundFunction, foundFunctions } from './found-functions.ts';
import { namedTypes } from './named-types.ts';

/** A module of host functions. */
export interface HostModule {
  /** Its path: TypeScript or JavaScript, by its ending. */
  readonly file: string;
  readonly text: string;
  /** The host functions that it exposes, as scripts call them: `prices.lookup`. */
  readonly names: readonly string[];
}

interface Tree {
  readonly [name: string]: Tree | string;
}

/**
 * Declarations of host functions that need no other file: for a reader who has nothing else, such as a model. Their types
 * and comments are those that the module has, in TypeScript or JSDoc, as they are written; what has none is `any`. Pure.
 *
 * @param ts TypeScript's parser; nothing is resolved or checked
 */
export function hostDeclarations(ts: typeof TypeScript, { file, text, names }: HostModule): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const functions = foundFunctions(ts, source);
  const root: Growing = Object.create(null);
  for (const name of names) insert(root, name.split('.'), signatureOf(functions.get(name)));
  const declarations = Object.entries(root).map(([name, member]) =>
    typeof member === 'string'
      ? withName(member, `declare function ${name}`)
      : `declare const ${name}: ${treeText(member, '')};`,
  );
  return [...usedTypes(namedTypes(ts, source), declarations.join('\n')), ...declarations].join('\n\n');
}

/** Stands for the name of a function in its signature. */
const NAME = '\0';

function signatureOf(found: FoundFunction | undefined): string {
  if (found === undefined) return `${NAME}(...args: any[]): Promise<any>;`;
  const { comment, parameters, returns } = found;
  const list = parameters.map(({ name, type, isOptional, isRest }) => {
    return `${isRest ? '...' : ''}${name}${isOptional ? '?' : ''}: ${type}`;
  });
  const lines = [
    ...(comment === '' ? [] : comment.split('\n')),
    ...parameters.flatMap(({ name, comment }) => (comment === '' ? [] : [`@param ${name} ${oneLine(comment)}`])),
  ];
  const result = /^Promise\s*</.test(returns) ? returns : `Promise<${returns}>`;
  return `${commentText(lines)}${NAME}(${list.join(', ')}): ${result};`;
}

function commentText(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const withName = (signature: string, name: string): string => signature.replace(NAME, name);

/** A tree as it grows; without a prototype, as names are the module's. */
interface Growing {
  [name: string]: Growing | string;
}

function insert(tree: Growing, [first = '', ...rest]: string[], signature: string): void {
  if (rest.length === 0) {
    tree[first] = signature;
    return;
  }
  const below = tree[first] ?? (Object.create(null) as Growing);
  tree[first] = below;
  if (typeof below !== 'string') insert(below, rest, signature);
}

function treeText(tree: Tree, indent: string): string {
  const inner = `${indent}  `;
  const members = Object.entries(tree).map(([name, member]) => {
    const text = typeof member === 'string' ? withName(member, name) : `${name}: ${treeText(member, '')};`;
    return text
      .split('\n')
      .map((line) => inner + line)
      .join('\n');
  });
  return `{\n${members.join('\n')}\n${indent}}`;
}

/** The types that some declarations name, and those that these name. */
function usedTypes(types: ReadonlyMap<string, string>, declarations: string): string[] {
  const used = new Map<string, string>();
  let text = declarations;
  for (let isNew = true; isNew; ) {
    isNew = false;
    const words = new Set(text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
    for (const [name, declaration] of types) {
      if (used.has(name) || !words.has(name)) continue;
      used.set(name, declaration);
      text += `\n${declaration}`;
      isNew = true;
    }
  }
  return [...used.values()];
}
