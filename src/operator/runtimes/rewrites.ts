import { backoffMs } from '../kube/backoff.ts';

interface Rewritten {
  /** What was written. */
  readonly digest: string;
  readonly writes: number;
  readonly lastAt: number;
}

/** So many times the same is written at once: what a person has changed or deleted is put right without delay. */
const FREE_WRITES = 3;
const BACKOFF = { baseMs: 1000, maxMs: 300_000 };
/** What has stayed as it was written for so long is no longer contested. */
const SETTLED_AFTER_MS = 900_000;

/**
 * Counts how often an object was written as the same, because it had changed in between. Something that changes it back each
 * time, an admission policy that is not idempotent or another controller, would otherwise make a loop of writes.
 */
export class Rewrites {
  readonly #byObject = new Map<string, Rewritten>();

  /** Writes of this content so far, and how long to wait before the next one, in ms. */
  before(object: string, digest: string, now: number): { readonly writes: number; readonly waitMs: number } {
    const known = this.#byObject.get(object);
    if (known?.digest !== digest || now - known.lastAt > SETTLED_AFTER_MS) return { writes: 0, waitMs: 0 };
    const { writes, lastAt } = known;
    const pauseMs = writes < FREE_WRITES ? 0 : backoffMs(writes - FREE_WRITES + 1, BACKOFF);
    return { writes, waitMs: Math.max(0, lastAt + pauseMs - now) };
  }

  wrote(object: string, digest: string, now: number): void {
    const { writes } = this.before(object, digest, now);
    this.#byObject.set(object, { digest, writes: writes + 1, lastAt: now });
  }

  forget(object: string): void {
    this.#byObject.delete(object);
  }
}
