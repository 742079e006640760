import { classHighlighter, highlightCode } from '@lezer/highlight';
import { parser } from '@lezer/javascript';
import type { Span } from './marked-lines.ts';

/** Most characters that are coloured: a parse of more would be noticed. */
const MAX_COLOURED = 300_000;

/** The lines of a script with the looks of its tokens. Pure. */
export function highlightedLines(text: string, isTypeScript: boolean): Omit<Span, 'isMarked'>[][] {
  if (text.length > MAX_COLOURED) return text.split('\n').map((line) => [{ text: line, look: '' }]);
  const tree = parser.configure({ dialect: isTypeScript ? 'ts' : 'jsx' }).parse(text);
  const lines: Omit<Span, 'isMarked'>[][] = [[]];
  const put = (code: string, look: string): void => void lines.at(-1)?.push({ text: code, look });
  highlightCode(text, tree, classHighlighter, put, () => void lines.push([]));
  return lines;
}
