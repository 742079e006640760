import { basename } from 'node:path';
import { succeededCondition } from '../../api/conditions.ts';
import { terminalText } from '../../api/text.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import type { ScriptText } from '../input/script-text.ts';
import { failureText, indented, reasonOf } from '../output/failure.ts';
import type { Style } from '../output/style.ts';

/** Name of the file that a script in `spec.source` has in errors. */
export const sourceName = ({ metadata, spec }: ScriptExecution): string =>
  `${metadata.name}.${spec.language === 'TypeScript' ? 'ts' : 'js'}`;

/** The script in `spec.source`, as errors show it; undefined if it is in a ConfigMap. */
export function inlineScript(execution: ScriptExecution): ScriptText | undefined {
  const { source, language } = execution.spec;
  if (source === undefined) return undefined;
  const file = sourceName(execution);
  const locate = (line: number, column: number) => ({ file, document: 1, path: '', line, column, approximate: false });
  return { name: file, source, language, linked: false, files: {}, imports: {}, locate, locateIn: () => undefined };
}

/**
 * Why a finished execution did not succeed: message, place and, where the script is at hand, the lines around it. Empty
 * for one that succeeded. Pure.
 */
export function outcomeText(execution: ScriptExecution, script: ScriptText | undefined, style: Style): string {
  const { metadata, status } = execution;
  const { error } = status;
  const succeeded = succeededCondition(status);
  if (succeeded?.status === 'True') return '';
  const isOwnFile = error?.file === undefined || error.file === basename(sourceName(execution));
  if (error !== undefined && script !== undefined && isOwnFile) return failureText({ execution }, { script }, style);
  const { bold, red, dim } = style;
  const title = `${metadata.namespace}/${metadata.name}`;
  let text = `\n${red('✗')} ${bold(title)}: ${bold(terminalText(reasonOf(execution)))}\n`;
  text += indented(terminalText(error?.message ?? succeeded?.message ?? '', { multiline: true }), 2);
  if (error?.line === undefined) return text;
  const place = [
    error.file ?? sourceName(execution),
    error.line,
    ...(error.column === undefined ? [] : [error.column]),
  ];
  return text + indented(dim(`at ${terminalText(place.join(':'))}`), 2);
}
