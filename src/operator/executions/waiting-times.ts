import { KeyedBackoff } from '../../kube/backoff.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { lastAttempt } from './retry.ts';
import { Stopwatches } from './stopwatches.ts';
import { waitsSince } from './waiting.ts';

/** A refused run is claimed again with back-off. */
const REFUSED = { baseMs: 20, maxMs: 5000, jitter: 0.5 };
/** A reason to wait is written once it has lasted this long: most pass sooner. */
const DEBOUNCE_MS = 1000;

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
  readonly #waits = new Stopwatches();
  readonly #reasons = new Stopwatches();
  readonly #attempts = new Stopwatches();
  readonly #refusals = new KeyedBackoff<string>(REFUSED);
  /** The last refusal of a run, which no attempt has followed. */
  readonly #refused = new Map<string, ReturnType<typeof lastAttempt>>();

  /** How long the current run of an execution has waited. @param now milliseconds since the epoch */
  waitedMs(key: string, execution: ExecutionProjection, now: number): number {
    const since = waitsSince(execution) ?? now; // unknown: it is zero at each call
    return this.#waits.elapsedMs(key, since, now - since);
  }

  /** When the next claim of the current run is due; undefined if it is due now. @param now milliseconds since the epoch */
  nextAttempt(key: string, execution: ExecutionProjection, now: number): Due | undefined {
    const last = this.#refused.get(key) ?? lastAttempt(execution);
    if (last === undefined) return undefined;
    const elapsedMs = this.#attempts.elapsedMs(key, last.endedAt, now - last.endedAt);
    return { at: last.endedAt + last.waitMs, inMs: last.waitMs - elapsedMs };
  }

  /** Time until a reason to wait has lasted, in milliseconds; 0: it is due to be written. */
  reasonDueInMs(key: string, reason: string): number {
    return Math.max(0, DEBOUNCE_MS - this.#reasons.elapsedMs(key, reason));
  }

  /** A pod has refused the run. @param now milliseconds since the epoch */
  refused(key: string, now: number): void {
    this.#refused.set(key, { endedAt: now, waitMs: this.#refusals.next(key) });
  }

  /** It does not wait any more; refusals are kept. */
  forget(key: string): void {
    for (const times of [this.#waits, this.#reasons, this.#attempts]) times.forget(key);
  }

  /** An attempt has started; or the execution has finished, or is gone. */
  forgetRefusals(key: string): void {
    this.#refusals.forget(key);
    this.#refused.delete(key);
  }
}
