import { KeyedBackoff } from '../kube/backoff.ts';
import type { Due } from './waiting-times.ts';

/** A refused run is offered again with back-off. */
const BACKOFF = { baseMs: 20, maxMs: 5000, jitter: 0.5 };

/** Executions refused by pods, and their back-off. */
export class Refusals {
  readonly #backoff = new KeyedBackoff<string>(BACKOFF);
  /** End of the back-off, in milliseconds since the epoch and of `performance.now()`. */
  readonly #until = new Map<string, { readonly at: number; readonly steady: number }>();

  /** A pod has refused it. @param now milliseconds since the epoch */
  refused(key: string, now: number): void {
    const ms = this.#backoff.next(key);
    this.#until.set(key, { at: now + ms, steady: performance.now() + ms });
  }

  /** When it may be offered again; undefined: it was not refused. */
  until(key: string): Due | undefined {
    const until = this.#until.get(key);
    return until && { at: until.at, inMs: until.steady - performance.now() };
  }

  forget(key: string): void {
    this.#backoff.forget(key);
    this.#until.delete(key);
  }
}
