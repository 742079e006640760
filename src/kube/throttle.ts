import { ApiError, isTooManyRequests, retryAfterMs } from './api-error.ts';
import { pause } from './pause.ts';

/**
 * Holds requests back while the API server asks for it (Retry-After), per resource: API Priority and Fairness throttles
 * some flows and not others. Requests wait here, so that a thousand queued writes do not send a thousand refused
 * requests.
 */
export class Throttle {
  /** End of the throttling per resource, in milliseconds of `performance.now()`. */
  readonly #until = new Map<string, number>();

  /** Records a refusal. Returns by how much it extends the throttling, in milliseconds. */
  refused(resource: string, error: unknown): number {
    if (!isTooManyRequests(error)) return 0;
    const kind = kindOf(resource);
    const now = performance.now();
    const before = Math.max(now, this.#until.get(kind) ?? 0);
    const until = Math.max(before, now + retryAfterMs(error));
    this.#until.set(kind, until);
    return until - before;
  }

  /**
   * Waits until the resource may be requested again. Throws the refusal (429) if that takes longer than `maxMs`, and
   * the signal's reason if it is aborted.
   */
  async pass(resource: string, maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    for (let leftMs = this.#leftMs(resource); leftMs > 0; leftMs = this.#leftMs(resource)) {
      if (leftMs > maxMs) {
        const message = `throttled: the API server accepts requests for ${kindOf(resource)} again in ${Math.ceil(leftMs / 1000)} s`;
        throw new ApiError(429, { reason: 'TooManyRequests', message }, leftMs);
      }
      await pause(leftMs, signal);
      signal?.throwIfAborted();
    }
  }

  #leftMs(resource: string): number {
    return (this.#until.get(kindOf(resource)) ?? 0) - performance.now();
  }
}

/** `pods` for `pods/status`. */
const kindOf = (resource: string): string => resource.split('/', 1)[0] as string;
