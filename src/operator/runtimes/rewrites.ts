import { backoffMs } from '../../kube/backoff.ts';

interface Rewritten {
  /** Digest of the written content. */
  readonly digest: string;
  readonly writes: number;
  readonly lastAt: number;
}

/** Number of immediate writes of the same content: a manual change or deletion is corrected without delay. */
const FREE_WRITES = 3;
const BACKOFF = { baseMs: 1000, maxMs: 300_000 };
/** Content that is unchanged for this long is no longer contested. */
const SETTLED_AFTER_MS = 900_000;

/**
 * Counts how often an object was written with the same content because it had changed in between. A client that reverts
 * it each time (a non-idempotent admission policy, another controller) would otherwise cause a loop of writes.
 */
export class Rewrites {
  readonly #byObject = new Map<string, Rewritten>();

  /** Number of writes of this content so far, and the delay before the next one, in ms. */
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
