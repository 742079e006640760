import { monotonicMicroseconds } from './wire/monotonic-clock.ts';

/**
 * The times of one run: its start by the wall clock, all others from there by the monotonic one. The wall clock may be set
 * while a script runs; a run still ends after it began, and what it logged lies between.
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

  /** @param microseconds of the monotonic clock, as a sandbox says: nothing before the start or after now is believed */
  dateOf(microseconds: number): Date {
    const sinceStart = Math.max(0, Math.min(microseconds, monotonicMicroseconds()) - this.#started);
    return new Date(this.startTime.getTime() + sinceStart / 1000);
  }
}
