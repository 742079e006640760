import { KeyedBackoff } from '../../kube/backoff.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { lastAttempt } from './retry.ts';
import { waitsSince } from './waiting.ts';

/** A refused run is claimed again with back-off. */
const REFUSED = { baseMs: 20, maxMs: 5000, jitter: 0.5 };

/** When something is due: a clock time for users (milliseconds since the epoch), and the remaining time. */
export interface Due {
  readonly at: number;
  readonly inMs: number;
}

/**
 * How long executions have waited, and when their next attempts are due: by the monotonic clock from the first
 * reconcile, so that setting a clock has no effect. The time before comes from the object.
 */
export class WaitingTimes {
  readonly #refusals = new KeyedBackoff<string>(REFUSED);
  /** `of` identifies the wait; `since` and `monotonic` are in milliseconds of `performance.now()`. */
  readonly #waits = new Map<string, { readonly of: number; readonly since: number }>();
  readonly #dues = new Map<string, { readonly of: string; readonly at: number; readonly monotonic: number }>();
  readonly #refused = new Map<string, { readonly at: number; readonly monotonic: number }>();

  /** How long the current run of an execution has waited. @param now milliseconds since the epoch */
  waitedMs(key: string, execution: ExecutionProjection, now: number): number {
    const of = waitsSince(execution);
    if (of === undefined) this.#waits.delete(key);
    else if (this.#waits.get(key)?.of !== of)
      this.#waits.set(key, { of, since: performance.now() - Math.max(0, now - of) });
    return performance.now() - (this.#waits.get(key)?.since ?? performance.now());
  }

  /** When the next claim of the current run is due; undefined if it is due now. @param now milliseconds since the epoch */
  nextAttempt(key: string, execution: ExecutionProjection, now: number): Due | undefined {
    const last = lastAttempt(execution);
    const of = `${execution.status.run} ${last?.endedAt}`;
    if (last === undefined) this.#dues.delete(key);
    else if (this.#dues.get(key)?.of !== of) {
      // It finished in the past, whatever a clock has shown.
      const inMs = last.waitMs - Math.max(0, now - last.endedAt);
      this.#dues.set(key, { of, at: now + inMs, monotonic: performance.now() + inMs });
    }
    const dues = [this.#dues.get(key), this.#refused.get(key)].filter((due) => due !== undefined);
    const due = dues.toSorted((a, b) => b.monotonic - a.monotonic)[0];
    return due && { at: due.at, inMs: due.monotonic - performance.now() };
  }

  /** A pod has refused the run. @param now milliseconds since the epoch */
  refused(key: string, now: number): void {
    const ms = this.#refusals.next(key);
    this.#refused.set(key, { at: now + ms, monotonic: performance.now() + ms });
  }

  /** It does not wait any more; refusals are kept. */
  forget(key: string): void {
    this.#waits.delete(key);
    this.#dues.delete(key);
  }

  /** It has finished, or is gone. */
  forgetRefusals(key: string): void {
    this.#refusals.forget(key);
    this.#refused.delete(key);
  }
}
