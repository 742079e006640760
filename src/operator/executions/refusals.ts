import { KeyedBackoff } from '../kube/backoff.ts';

/** A run that pods refuse is offered again after a while that grows. */
const BACKOFF = { baseMs: 20, maxMs: 5000, jitter: 0.5 };

/** Executions that pods have refused, and how long each stays away from them. */
export class Refusals {
  readonly #backoff = new KeyedBackoff<string>(BACKOFF);
  readonly #until = new Map<string, number>();

  /** A pod has refused it. */
  refused(key: string): void {
    this.#until.set(key, Date.now() + this.#backoff.next(key));
  }

  /** When it may be offered again, in milliseconds since the epoch; undefined: it was not refused. */
  until(key: string): number | undefined {
    return this.#until.get(key);
  }

  forget(key: string): void {
    this.#backoff.forget(key);
    this.#until.delete(key);
  }
}
