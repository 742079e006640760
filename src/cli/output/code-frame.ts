import { codeFrameColumns } from '@babel/code-frame';
import { terminalText } from '../../api/text.ts';
import { sourceLines } from '../../runtime/compiler/source-error.ts';

/** A longer line is usually a bundle: only the part around the column is useful. */
const MAX_LINE = 160;
const LINES_AROUND = 2;

/**
 * The lines of a script around a position, with a marker under the column. Terminal control characters are escaped.
 *
 * @param line from 1
 * @param column from 1; if omitted, the whole line is marked
 * @returns undefined if the script has no such line
 */
export function codeFrame(
  source: string,
  { line, column }: { line: number; column?: number | undefined },
  colours: boolean,
): string | undefined {
  const lines = sourceLines(source.replace(/^\uFEFF/, ''));
  const marked = lines[line - 1];
  if (marked === undefined) return undefined;
  const first = Math.max(1, line - LINES_AROUND);
  const cut = marked.length > MAX_LINE ? Math.max(0, (column ?? 1) - MAX_LINE / 2) : 0;
  const visible = (text: string) => terminalText(text.slice(cut, cut + MAX_LINE), { multiline: true });
  const shown = lines.slice(first - 1, line + LINES_AROUND).map(visible);
  while (first + shown.length - 1 > line && shown.at(-1) === '') shown.pop();
  // The library counts columns from 0; a location without a column marks the whole line, although its type requires
  // one.
  const start = column === undefined ? { line } : { line, column: visible(marked.slice(0, column - 1)).length };
  const options = { highlightCode: colours, forceColor: colours, startLine: first };
  return codeFrameColumns(shown.join('\n'), { start: start as { line: number; column: number } }, options);
}
