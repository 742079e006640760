import type { ExecutionProjection } from './execution-projection.ts';
import { lastAttempt } from './retry.ts';
import { waitsSince } from './waiting.ts';

/** When something is due: a clock time for users, and the remaining time. */
export interface Due {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly inMs: number;
}

interface Times {
  readonly of: string;
  /** Milliseconds of `performance.now()`. */
  readonly since: number;
}

/**
 * How long executions have waited, and when their next attempts are due: by the monotonic clock from the first
 * reconcile, so that setting a clock has no effect. The time before comes from the object.
 */
export class WaitingTimes {
  readonly #waits = new Map<string, Times>();
  readonly #attempts = new Map<string, Times & { readonly at: number; readonly waitMs: number }>();

  /** How long the current run of an execution has waited. @param now milliseconds since the epoch */
  waitedMs(key: string, execution: ExecutionProjection, now: number): number {
    const since = waitsSince(execution);
    if (since === undefined) {
      this.#waits.delete(key);
      return 0;
    }
    const steady = performance.now();
    const known = this.#waits.get(key);
    if (known?.of === String(since)) return steady - known.since;
    const waitedMs = Math.max(0, now - since);
    this.#waits.set(key, { of: String(since), since: steady - waitedMs });
    return waitedMs;
  }

  /**
   * When the next attempt of the current run is due; undefined if the first one is. @param now milliseconds since the
   * epoch
   */
  nextAttempt(key: string, execution: ExecutionProjection, now: number): Due | undefined {
    const last = lastAttempt(execution);
    if (last === undefined) {
      this.#attempts.delete(key);
      return undefined;
    }
    const { endedAt, waitMs } = last;
    const of = `${execution.status.run} ${endedAt}`;
    const known = this.#attempts.get(key);
    // It finished in the past, whatever a clock has shown.
    const sinceMs = Math.max(0, now - endedAt);
    const times =
      known?.of === of ? known : { of, since: performance.now() - sinceMs, at: now - sinceMs + waitMs, waitMs };
    this.#attempts.set(key, times);
    return { at: times.at, inMs: times.since + times.waitMs - performance.now() };
  }

  /** It does not wait any more. */
  forget(key: string): void {
    this.#waits.delete(key);
    this.#attempts.delete(key);
  }
}
