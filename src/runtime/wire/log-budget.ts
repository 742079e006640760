/** What one run may log: at once, and a second from then on. */
const BURST_LINES = 1000;
const LINES_PER_SECOND = 1000;
/** UTF-16 units of messages. */
const BURST_LENGTH = 512 << 10;
const LENGTH_PER_SECOND = 256 << 10;

/** Lines, and the UTF-16 units of their messages. */
export interface LogAmount {
  readonly lines: number;
  readonly length: number;
}

/** A token bucket for a run's log: full at its start. */
export class LogBudget {
  #lines = BURST_LINES;
  #length = BURST_LENGTH;
  #filledAtMs: number;

  /** @param nowMs of the monotonic clock, as everywhere here */
  constructor(nowMs: number) {
    this.#filledAtMs = nowMs;
  }

  /** What may be logged now. */
  available(nowMs: number): LogAmount {
    const seconds = Math.max(0, nowMs - this.#filledAtMs) / 1000;
    this.#filledAtMs = nowMs;
    this.#lines = Math.min(BURST_LINES, this.#lines + seconds * LINES_PER_SECOND);
    this.#length = Math.min(BURST_LENGTH, this.#length + seconds * LENGTH_PER_SECOND);
    return { lines: this.#lines, length: this.#length };
  }

  spend({ lines, length }: LogAmount): void {
    this.#lines -= lines;
    this.#length -= length;
  }
}

/**
 * Whether a run has sent more than any sandbox does that keeps to the budget. The bound is twice the budget and goes by the
 * whole time of the run: a supervisor that stood still for a while finds much to read at once.
 */
export const isBeyondLogBudget = ({ lines, length }: LogAmount, elapsedMs: number): boolean =>
  lines > 2 * (BURST_LINES + (elapsedMs / 1000) * LINES_PER_SECOND) ||
  length > 2 * (BURST_LENGTH + (elapsedMs / 1000) * LENGTH_PER_SECOND);
