import type { ErrorReport } from '../wire/from-sandbox.ts';

/** A place in a source: line and column from 1, columns in UTF-16 units, as V8 counts. */
export interface Place {
  /** Left out where the context says which. */
  readonly file?: string;
  readonly line: number;
  readonly column: number;
}

/** A source that does not compile, with its place in the author's file. */
export class SourceError extends Error {
  readonly place: Place | undefined;

  constructor(message: string, place?: Place) {
    super(message);
    this.place = place;
  }

  /**
   * The error as it is sent to the supervisor.
   * @param file that of the place, where the place names none
   */
  report(file: string): ErrorReport {
    return { message: this.message, ...(this.place === undefined ? {} : { file, ...this.place }) };
  }
}

/** Line ends as ECMAScript counts them. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** The lines of a text, without their ends. */
export const sourceLines = (text: string): string[] => text.split(LINE_END);

/** The offsets at which lines begin. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(LINE_END)) starts.push(index + end.length);
  return starts;
}

/** The place of a UTF-16 offset. */
export function placeAt(text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (const match of text.matchAll(LINE_END)) {
    const end = match.index + match[0].length;
    if (end > offset) break;
    line++;
    lineStart = end;
  }
  return { line, column: offset - lineStart + 1 };
}
