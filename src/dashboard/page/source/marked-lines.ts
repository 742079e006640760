/** A stretch of a line with one look. */
export interface Span {
  readonly text: string;
  /** CSS classes. */
  readonly look: string;
  /** Whether the error is here. */
  readonly isMarked: boolean;
}

/** Most characters of a line that are shown: a bundled script is often one line. */
const MAX_SHOWN = 1000;

/**
 * The spans of a line with the place of an error marked, in a window around it if the line is long. Pure.
 *
 * @param spans of the line without a mark
 * @param column of the error in UTF-16 code units, from 1; undefined: none in this line
 */
export function markedLine(spans: readonly Omit<Span, 'isMarked'>[], column?: number): Span[] {
  const text = spans.map((span) => span.text).join('');
  const from = column === undefined ? -1 : Math.min(column - 1, text.length);
  const length = column === undefined ? 0 : (/^(?:[\w$]+|[^\s]|\s)/u.exec(text.slice(from))?.[0].length ?? 0);
  const start = Math.max(0, Math.min(from - MAX_SHOWN / 2, text.length - MAX_SHOWN));
  const end = start + MAX_SHOWN;
  const cuts = [from, from + length, start, end].filter((cut) => cut > 0 && cut < text.length);
  const result: Span[] = [];
  if (start > 0) result.push({ text: '…', look: 'cut', isMarked: false });
  let at = 0;
  for (const span of spans) {
    const until = at + span.text.length;
    const bounds = [at, ...cuts.filter((cut) => cut > at && cut < until).sort((a, b) => a - b), until];
    for (let index = 0; index + 1 < bounds.length; index += 1) {
      const [low, high] = [bounds[index] as number, bounds[index + 1] as number];
      if (low === high || low < start || high > end) continue;
      const isMarked = column !== undefined && low >= from && high <= from + length;
      result.push({ text: text.slice(low, high), look: span.look, isMarked });
    }
    at = until;
  }
  // The error is behind the last character.
  if (column !== undefined && length === 0) result.push({ text: ' ', look: '', isMarked: true });
  if (end < text.length) result.push({ text: '…', look: 'cut', isMarked: false });
  return result;
}
