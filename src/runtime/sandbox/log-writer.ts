import type { LogLevel } from '../types.ts';
import type { LogEntry } from '../wire/from-sandbox.ts';
import { LogBudget } from '../wire/log-budget.ts';
import { monotonicMicroseconds } from '../wire/monotonic-clock.ts';

/** Lines of a run that leave at once, so that a script which is killed has lost none of its first words. */
const PROMPT_LINES = 256;
/** After those, lines leave together, this far apart in milliseconds at least: each frame costs the supervisor time. */
const BATCH_INTERVAL_MS = 20;
const MAX_BATCH_LINES = 512;
/** With every character an escape of six bytes, a batch of these is still a frame that the supervisor takes. */
const MAX_BATCH_LENGTH = 256 << 10;

let echo: ((level: LogLevel, message: string) => void) | undefined;

/** Has each line of every run told here too. */
export function echoLines(to: NonNullable<typeof echo>): void {
  echo = to;
}

/**
 * Sends a run's log lines on, as many as its budget allows. Of a flood it keeps the last lines, and says before them how many
 * were left out.
 */
export class LogWriter {
  readonly #write: (lines: LogEntry[]) => void;
  readonly #budget = new LogBudget(performance.now());
  /** Lines that have not left, oldest first. */
  #batch: LogEntry[] = [];
  #batchLength = 0;
  #leftOut = 0;
  #added = 0;
  #lastSentMs = 0;

  constructor(write: (lines: LogEntry[]) => void) {
    this.#write = write;
  }

  add(level: LogLevel, message: string): void {
    echo?.(level, message);
    const nowMs = performance.now();
    this.#batch.push({ microseconds: monotonicMicroseconds(), level, message });
    this.#batchLength += message.length;
    this.#keepLast({ lines: MAX_BATCH_LINES, length: MAX_BATCH_LENGTH });
    if (this.#added++ < PROMPT_LINES || nowMs - this.#lastSentMs >= BATCH_INTERVAL_MS) this.#send(nowMs);
  }

  /** At the end of the run: its last lines leave, whatever it has logged before. */
  flush(): void {
    if (this.#batch.length === 0) return;
    if (this.#leftOut > 0) this.#batch.unshift(leftOutLine(this.#leftOut, this.#batch));
    this.#write(this.#batch);
    this.#batch = [];
    this.#batchLength = 0;
    this.#leftOut = 0;
  }

  /** Sends what the budget allows of the batch, the last of it; where it allows nothing, all waits. */
  #send(nowMs: number): void {
    const available = this.#budget.available(nowMs);
    if (available.lines < 2 || available.length < (this.#batch.at(-1)?.message.length ?? 0)) return;
    this.#lastSentMs = nowMs;
    // One for the line that says what was left out.
    this.#keepLast({ lines: available.lines - 1, length: available.length });
    this.#budget.spend({ lines: this.#batch.length + Math.sign(this.#leftOut), length: this.#batchLength });
    this.flush();
  }

  #keepLast({ lines, length }: { lines: number; length: number }): void {
    while (this.#batch.length > 1 && (this.#batch.length > lines || this.#batchLength > length)) {
      this.#batchLength -= this.#batch.shift()?.message.length ?? 0;
      this.#leftOut++;
    }
  }
}

const leftOutLine = (count: number, [next]: readonly LogEntry[]): LogEntry => ({
  microseconds: next?.microseconds ?? 0,
  level: 'warn',
  message: `${count} ${count === 1 ? 'line' : 'lines'} left out`,
});
