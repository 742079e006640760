import type { Shift } from '../wire/to-sandbox.ts';

/** Replaces the text from `start` to `end` (offsets); a replacement never crosses a line end. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Collects edits of a tree that is walked from the outside in. */
export class EditList {
  readonly #before: Edit[] = [];
  readonly #after: Edit[] = [];

  replace(start: number, end: number, text: string): void {
    this.#before.push({ start, end, text });
  }

  /** Puts text before what starts at an offset. */
  insertBefore(offset: number, text: string): void {
    this.#before.push({ start: offset, end: offset, text });
  }

  /** Puts text after what ends at an offset. */
  insertAfter(offset: number, text: string): void {
    this.#after.push({ start: offset, end: offset, text });
  }

  /** Puts text around a range. */
  around(start: number, end: number, before: string, after: string): void {
    this.insertBefore(start, before);
    this.insertAfter(end, after);
  }

  /** In an order that keeps what is nested nested: of two texts after the same offset, the inner one comes first. */
  get edits(): Edit[] {
    return [...this.#after.toReversed(), ...this.#before];
  }
}

/** Line ends as ECMAScript counts them. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** Offsets at which the lines of a text start. */
export function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(LINE_END), (match) => match.index + match[0].length)];
}

/** Applies edits (in any order, none overlapping) and says where they moved what stands behind them in a line. */
export function applyEdits(text: string, edits: readonly Edit[]): { code: string; shifts: Shift[] } {
  const starts = lineStarts(text);
  const sorted = edits
    .map((edit, order) => ({ edit, order }))
    .sort((a, b) => a.edit.start - b.edit.start || a.order - b.order);
  const shifts: Shift[] = [];
  let code = '';
  let done = 0;
  let line = 0;
  let moved = 0;
  for (const { edit } of sorted) {
    while (line + 1 < starts.length && (starts[line + 1] as number) <= edit.start) {
      line++;
      moved = 0;
    }
    code += text.slice(done, edit.start) + edit.text;
    done = edit.end;
    const added = edit.text.length - (edit.end - edit.start);
    if (added !== 0) shifts.push([line + 1, edit.start - (starts[line] as number) + 1 + moved, added]);
    moved += added;
  }
  return { code: code + text.slice(done), shifts };
}

/** The author's column for one of the edited text; lines are the same in both. */
export function originalColumn(shifts: readonly Shift[], line: number, column: number): number {
  let original = column;
  for (const [shiftedLine, from, length] of shifts) {
    if (shiftedLine !== line || column < from) continue;
    original -= Math.min(length, column - from);
  }
  return original;
}
