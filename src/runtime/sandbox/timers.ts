import { lowerBound } from '../lower-bound.ts';

/** What one run may have active at once. */
const MAX_TIMERS = 10_000;
/** As in Node, a delay outside of 1 to this, in milliseconds, is 1. */
const MAX_DELAY_MS = 2 ** 31 - 1;

interface Timer {
  readonly id: number;
  /** Milliseconds of the monotonic clock. */
  readonly dueMs: number;
}

/** The active timers of a run, in the order in which they are due: of two with the same time, the older comes first. */
export class Timers {
  readonly #nowMs: () => number;
  readonly #queue: Timer[] = [];
  readonly #byId = new Map<number, Timer>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** Starts a timer, or starts it again. @returns false where there are too many, or the id is none */
  set(id: unknown, delayMs: unknown): boolean {
    if (!Number.isSafeInteger(id)) return false;
    this.clear(id);
    if (this.#queue.length >= MAX_TIMERS) return false;
    const timer = { id: id as number, dueMs: this.#nowMs() + validDelay(delayMs) };
    const index = lowerBound(this.#queue.length, (i) => (this.#queue[i] as Timer).dueMs <= timer.dueMs);
    this.#queue.splice(index, 0, timer);
    this.#byId.set(timer.id, timer);
    return true;
  }

  clear(id: unknown): void {
    const timer = this.#byId.get(id as number);
    if (timer === undefined) return;
    this.#byId.delete(timer.id);
    this.#queue.splice(this.#queue.indexOf(timer), 1);
  }

  /** Milliseconds until the next timer is due, 0 where one is; undefined without timers. */
  untilNextMs(): number | undefined {
    const next = this.#queue[0];
    return next === undefined ? undefined : Math.max(0, next.dueMs - this.#nowMs());
  }

  /** Takes out the next timer that is due. @returns its id */
  takeDue(): number | undefined {
    if (this.untilNextMs() !== 0) return undefined;
    const { id } = this.#queue.shift() as Timer;
    this.#byId.delete(id);
    return id;
  }
}

function validDelay(delayMs: unknown): number {
  const delay = Math.trunc(Number(delayMs));
  return delay >= 1 && delay <= MAX_DELAY_MS ? delay : 1;
}
