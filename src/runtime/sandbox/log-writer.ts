import type { LogLevel } from '../types.ts';
import type { LogEntry } from '../wire/from-sandbox.ts';
import { monotonicMicroseconds } from '../wire/monotonic-clock.ts';

/** Lines of a run that leave at once, so that a script which is killed has lost none of its first words. */
const PROMPT_LINES = 256;
/** After those, lines leave together, this far apart in milliseconds at least. */
const BATCH_INTERVAL_MS = 5;
const MAX_BATCH_LINES = 512;
/** With every character an escape of six bytes, a batch of these is still a frame that the supervisor takes. */
const MAX_BATCH_LENGTH = 256 << 10;

/** Sends a run's log lines on; of a flood it keeps the last lines of each interval, within the cap. */
export class LogWriter {
  readonly #write: (lines: LogEntry[]) => void;
  readonly #maxBytes: number;
  #batch: LogEntry[] = [];
  #batchBytes = 0;
  #sent = 0;
  #lastFlushMs = 0;

  constructor(maxBytes: number, write: (lines: LogEntry[]) => void) {
    this.#maxBytes = Math.min(maxBytes, MAX_BATCH_LENGTH);
    this.#write = write;
  }

  add(level: LogLevel, message: string): void {
    const nowMs = performance.now();
    this.#batch.push({ microseconds: monotonicMicroseconds(), level, message });
    this.#batchBytes += message.length;
    while (this.#batch.length > 1 && (this.#batchBytes > this.#maxBytes || this.#batch.length > MAX_BATCH_LINES)) {
      this.#batchBytes -= this.#batch.shift()?.message.length ?? 0;
    }
    if (this.#sent++ < PROMPT_LINES || nowMs - this.#lastFlushMs >= BATCH_INTERVAL_MS) this.flush(nowMs);
  }

  flush(nowMs = performance.now()): void {
    this.#lastFlushMs = nowMs;
    if (this.#batch.length === 0) return;
    this.#write(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
  }
}
