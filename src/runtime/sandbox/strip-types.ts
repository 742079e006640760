import { stripTypeScriptTypes } from 'node:module';
import { lineStarts } from './edits.ts';
import { SourceError } from './syntax-error.ts';

const HINTS: readonly [RegExp, string][] = [
  [/enum/, 'write a const object instead'],
  [/namespace|module/, 'use plain objects or functions instead'],
  [/parameter property/, 'declare the field and assign it in the constructor'],
];

/** A source has exhausted the stack of what strips types, which is WebAssembly and of no use to anyone afterwards. */
export class BrokenStripperError extends SourceError {
  constructor() {
    super('SyntaxError: the source nests too deeply');
  }
}

/**
 * TypeScript to JavaScript of the same length: types become blanks, so that positions stay true.
 * @throws BrokenStripperError if this process can strip no more types; SourceError for what does not parse, or has no
 * meaning without a compiler (enum, namespace)
 */
export function stripTypes(source: string): string {
  try {
    return stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: 'script' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_INTERNAL_ASSERTION') throw new BrokenStripperError();
    throw sourceError(error as Error, source);
  }
}

/**
 * Node shows the place of a TypeScript error in its stack alone: `script:LINE`, the line before and the line, and marks
 * under the columns.
 */
function sourceError(error: Error, source: string): SourceError {
  const [head, ...shown] = (error.stack ?? '').split('\n', 5);
  const line = Number(/^script:(\d+)$/.exec(head ?? '')?.[1] ?? Number.NaN);
  const mark = shown.find((text) => /^ *\^+$/.test(text)) ?? '^';
  const hint = HINTS.find(([pattern]) => pattern.test(error.message) && /not supported/.test(error.message))?.[1];
  const message = `SyntaxError: ${error.message.split('\n', 1)[0]}${hint === undefined ? '' : `: ${hint}`}`;
  if (Number.isNaN(line)) return new SourceError(message);
  const starts = lineStarts(source);
  return new SourceError(message, line, columnAt(source.slice(starts[line - 1], starts[line]), mark.indexOf('^')));
}

/** What a terminal shows in two places. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** The column, from 1, that stands at a place of the line as a terminal shows it, with tabs of four. */
function columnAt(line: string, place: number): number {
  let column = 1;
  let shown = 0;
  for (const char of line) {
    if (shown >= place) break;
    shown += char === '\t' ? 4 : WIDE.test(char) ? 2 : 1;
    column += char.length;
  }
  return column;
}
