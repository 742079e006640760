import type { SkippedDocument } from '../../api/manifest.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import { terminalText } from '../../api/text.ts';
import type { Style } from './style.ts';

/** A problem, and the lines around it where they help. */
export interface ShownProblem extends ManifestProblem {
  readonly frame?: string | undefined;
}

/** Problems for people: `FILE:LINE:COLUMN: FIELD: MESSAGE (document N)`, and what to write instead. */
export function problemsText(problems: readonly ShownProblem[], style: Style): string {
  return problems.map((problem) => problemText(problem, style)).join('');
}

/** The same for what is no mistake by itself: `FILE:LINE:COLUMN: warning: FIELD: MESSAGE (document N)`. */
export function warningsText(warnings: readonly ManifestProblem[], style: Style): string {
  return warnings.map((warning) => problemText(warning, style, style.yellow('warning: '))).join('');
}

function problemText(problem: ShownProblem, { bold, cyan, dim }: Style, prefix = ''): string {
  const { file, document, line, column, path, message, hint, frame } = problem;
  const place = bold(`${terminalText(file)}:${line}:${column}:`);
  const field = path === '' ? '' : `${terminalText(path)}: `;
  let text = `${place} ${prefix}${field}${terminalText(message)} ${dim(`(document ${document})`)}\n`;
  if (hint !== undefined) text += `    ${cyan('→')} ${terminalText(hint)}\n`;
  if (frame !== undefined) text += `\n${frame.replace(/^/gm, '    ')}\n\n`;
  return text;
}

/** `3 problems in 2 files`. */
export function problemsCount(problems: readonly ManifestProblem[]): string {
  return `${count(problems.length, 'problem')} in ${count(new Set(problems.map(({ file }) => file)).size, 'file')}`;
}

/** One line for each document of another kind. */
export function skippedText(skipped: readonly SkippedDocument[]): string {
  return skipped
    .map(({ origin, apiVersion, kind, name }) => {
      const what = `${apiVersion} ${kind}${name === '' ? '' : ` ${name}`}`;
      const text = `${origin.file}:${origin.position().line}: skipped ${what}: no kind that copepod runs`;
      return `copepod: ${terminalText(text)}\n`;
    })
    .join('');
}

/** One line for each directory that is for kustomize. */
export function unrenderedText(directories: readonly string[]): string {
  return directories
    .map((path) => {
      const name = terminalText(path);
      return `copepod: ${name}: skipped: kubectl kustomize ${name} | copepod run - runs what it makes\n`;
    })
    .join('');
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
