import { storableText } from '../api/text.ts';
import type { RunClock } from './run-clock.ts';
import { tell } from './tell.ts';
import type { LogLine } from './types.ts';
import type { LogEntry } from './wire/from-sandbox.ts';

/** Keeps the last lines of a log within a number of bytes. */
export class LogBuffer {
  readonly #maxBytes: number;
  readonly #onLine: ((line: LogLine) => void) | undefined;
  /** Valid from `#first` on; earlier lines are dropped. */
  #lines: ({ line: LogLine; bytes: number } | undefined)[] = [];
  #first = 0;
  #bytes = 0;

  /** @param onLine receives every line, including those not kept */
  constructor(maxBytes: number, onLine?: (line: LogLine) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  add(entries: readonly LogEntry[], clock: Pick<RunClock, 'dateOf'>): void {
    for (const { microseconds, level, message } of entries) {
      const text = cutToBytes(storableText(message), Math.max(0, this.#maxBytes - 1));
      const line = { time: clock.dateOf(microseconds), level, message: text };
      // The line's end is counted: otherwise empty lines would be kept without limit.
      const bytes = Buffer.byteLength(text) + 1;
      tell(this.#onLine, line);
      this.#lines.push({ line, bytes });
      this.#bytes += bytes;
      while (this.#bytes > this.#maxBytes) this.#dropFirst();
    }
  }

  lines(): LogLine[] {
    return this.#lines.flatMap((entry) => entry?.line ?? []);
  }

  /** Compacts the array only once more lines are dropped than kept: amortized O(1) per line. */
  #dropFirst(): void {
    this.#bytes -= this.#lines[this.#first]?.bytes ?? 0;
    this.#lines[this.#first++] = undefined;
    if (this.#first * 2 < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }
}

function cutToBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  // A cut within a character must not leave a replacement character.
  return Buffer.from(text)
    .subarray(0, maxBytes)
    .toString()
    .replace(/\uFFFD$/, '');
}
