import { lowerBound } from '../lower-bound.ts';
import { lineStarts } from './source-error.ts';

/** A changed source, and where its parts come from. */
export interface Rewritten {
  readonly code: string;
  /** A RunMap as JSON. */
  readonly map: string;
}

/** A part of a changed source: its place there and in the source, all from 1, and whether it was put in (1) or is the source's (0). */
export type Run = readonly [line: number, column: number, fromLine: number, fromColumn: number, isNew: 0 | 1];

/** Where the parts of a changed source come from, in the order that they have there. */
export interface RunMap {
  readonly runs: readonly Run[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Insertions {
  /** What ends there, the innermost first. */
  readonly closing: string[];
  /** What begins there, the outermost first. */
  readonly opening: string[];
}

/**
 * Changes of a source, collected and then made at once. What is not changed stays as its author has written it, so every
 * place in it is known exactly. What surrounds is added before what is inside it.
 */
export class Rewriting {
  readonly #source: string;
  readonly #insertions = new Map<number, Insertions>();
  readonly #removed: Range[] = [];
  readonly #front: (string | Range)[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** Puts a text before what begins at an offset. */
  open(offset: number, text: string): void {
    this.#at(offset).opening.push(text);
  }

  /** Puts a text behind what ends at an offset. */
  close(offset: number, text: string): void {
    this.#at(offset).closing.unshift(text);
  }

  /** Leaves out a range, with what is put inside it. Ranges do not overlap. */
  remove(start: number, end: number): void {
    if (start < end) this.#removed.push({ start, end });
  }

  /** Puts texts, and ranges with what is put inside them, in front of all else. */
  putInFront(...parts: readonly (string | Range)[]): void {
    this.#front.push(...parts);
  }

  /** Makes the changes. */
  finish(): Rewritten {
    const out = new Output(this.#source);
    const offsets = [...this.#insertions.keys()].sort((a, b) => a - b);
    const copy = (start: number, end: number, isWhole: boolean): void => {
      let from = start;
      for (let i = firstFrom(offsets, isWhole ? start : start + 1); i < offsets.length; i++) {
        const offset = offsets[i] as number;
        if (offset > end || (offset === end && !isWhole)) break;
        out.copy(from, offset);
        const { closing, opening } = this.#at(offset);
        for (const text of [...closing, ...opening]) out.add(text, offset);
        from = offset;
      }
      out.copy(from, end);
    };
    for (const part of this.#front) {
      if (typeof part === 'string') out.add(part, 0);
      else copy(part.start, part.end, false);
    }
    let from = 0;
    for (const { start, end } of this.#removed.sort((a, b) => a.start - b.start)) {
      copy(from, start, true);
      from = end;
    }
    copy(from, this.#source.length, true);
    return out.finish();
  }

  #at(offset: number): Insertions {
    let found = this.#insertions.get(offset);
    if (found === undefined) {
      found = { closing: [], opening: [] };
      this.#insertions.set(offset, found);
    }
    return found;
  }
}

/** The index of the first of sorted numbers that is not below another; their count where all are. */
const firstFrom = (sorted: readonly number[], least: number): number =>
  lowerBound(sorted.length, (i) => (sorted[i] as number) < least);

/** The changed source as it grows, and its runs. */
class Output {
  readonly #source: string;
  readonly #sourceLines: readonly number[];
  readonly #texts: string[] = [];
  readonly #runs: Run[] = [];
  #line = 1;
  #column = 1;

  constructor(source: string) {
    this.#source = source;
    this.#sourceLines = lineStarts(source);
  }

  copy(start: number, end: number): void {
    if (start < end) this.#put(this.#source.slice(start, end), start, 0);
  }

  /** @param offset of the source, which the text is for */
  add(text: string, offset: number): void {
    this.#put(text, offset, 1);
  }

  finish(): Rewritten {
    const map: RunMap = { runs: this.#runs };
    return { code: this.#texts.join(''), map: JSON.stringify(map) };
  }

  #put(text: string, offset: number, isNew: 0 | 1): void {
    const fromLine = lineOf(this.#sourceLines, offset);
    const fromColumn = offset - (this.#sourceLines[fromLine - 1] as number) + 1;
    this.#runs.push([this.#line, this.#column, fromLine, fromColumn, isNew]);
    this.#texts.push(text);
    const starts = lineStarts(text);
    this.#line += starts.length - 1;
    this.#column = (starts.length === 1 ? this.#column : 1) + text.length - (starts.at(-1) as number);
  }
}

/** The line, from 1, that an offset is in. */
const lineOf = (starts: readonly number[], offset: number): number => firstFrom(starts, offset + 1);
