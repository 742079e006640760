import type { LogEntry } from '../wire/from-sandbox.ts';
import { merged, type Range, type Redactor, replaced } from './redactor.ts';

/** A line whose end may be the beginning of a value waits for so many more. */
const MAX_HELD_LINES = 64;
/** What is remembered of a line that has left: too short to hold a line for it. UTF-16 units. */
const REMEMBERED = 3;
/** Lines are cut at this length: the end of one may be the beginning of a value. UTF-16 units. */
const MAY_BE_CUT = 8192;

/**
 * Redacts the lines of an execution's log, also values that a script has split over consecutive lines: a line that ends as
 * a value begins is held until the next one, or the end of the run, shows whether it is one.
 */
export class LogRedactor {
  readonly #redactor: Redactor;
  #held: LogEntry[] = [];
  /** The end of the lines that have left. */
  #before = '';

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** Takes lines, and returns those that may leave, in order. */
  add(lines: readonly LogEntry[]): readonly LogEntry[] {
    if (this.#redactor.isEmpty) return lines;
    return lines.flatMap((line) => this.#next(line));
  }

  /** The lines that are left at the end of the run. */
  flush(): readonly LogEntry[] {
    return this.#held.length === 0
      ? []
      : this.#release(this.#held.length, (this.#held.at(-1)?.message.length ?? 0) >= MAY_BE_CUT);
  }

  #next(line: LogEntry): readonly LogEntry[] {
    this.#held.push(line);
    if (this.#held.length > MAX_HELD_LINES) return this.#release(this.#held.length, true);
    const beginning = this.#redactor.beginningAt(this.#text());
    return this.#release(beginning === undefined ? this.#held.length : this.#linesBefore(beginning), false);
  }

  #text(): string {
    return this.#before + this.#held.map(({ message }) => message).join('');
  }

  /** How many of the held lines end before this character. */
  #linesBefore(at: number): number {
    let end = this.#before.length;
    const index = this.#held.findIndex(({ message }) => {
      end += message.length;
      return end > at;
    });
    return index === -1 ? this.#held.length : index;
  }

  /** @param isCut what may be the beginning of a value is one */
  #release(wanted: number, isCut: boolean): readonly LogEntry[] {
    if (wanted === 0) return [];
    const text = this.#text();
    const beginning = isCut ? this.#redactor.beginningAt(text) : undefined;
    const found = this.#redactor.find(text);
    const ranges: readonly Range[] = beginning === undefined ? found : merged([...found, [beginning, text.length]]);
    const count = this.#withoutHalves(wanted, ranges);
    let at = this.#before.length;
    const released = this.#held.splice(0, count).map((line) => {
      const message = replaced(line.message, at, ranges);
      at += line.message.length;
      return message === line.message ? line : { ...line, message };
    });
    this.#before = text.slice(Math.max(0, at - REMEMBERED), at);
    return released;
  }

  /** At most so many lines that the last one does not end within a value. */
  #withoutHalves(wanted: number, ranges: readonly Range[]): number {
    let count = wanted;
    for (;;) {
      const end = this.#held.slice(0, count).reduce((sum, { message }) => sum + message.length, this.#before.length);
      const half = ranges.find(([from, to]) => from < end && to > end);
      if (half === undefined) return count;
      count = Math.min(count - 1, this.#linesBefore(half[0]));
    }
  }
}
