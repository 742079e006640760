import { monotonicMicroseconds } from './wire/monotonic-clock.ts';

/**
 * The times of one run: its start by the wall clock, all others relative to it by the monotonic clock. The wall clock
 * may be set while a script runs; the times stay ordered.
 */
export class RunClock {
  readonly startTime = new Date();
  readonly #started = monotonicMicroseconds();

  get elapsedMs(): number {
    return (monotonicMicroseconds() - this.#started) / 1000;
  }

  now(): Date {
    return this.dateOf(monotonicMicroseconds());
  }

  /** @param microseconds of the monotonic clock, from a sandbox: clamped between the start and now */
  dateOf(microseconds: number): Date {
    const sinceStart = Math.max(0, Math.min(microseconds, monotonicMicroseconds()) - this.#started);
    return new Date(this.startTime.getTime() + sinceStart / 1000);
  }
}
