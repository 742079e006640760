import { ApiError, isTooManyRequests, retryAfterMs } from './api-error.ts';
import { pause } from './pause.ts';

/**
 * What the API server has asked to stay away from, and until when: by kind, as it throttles some flows and not others. Whoever
 * comes meanwhile waits here, so that a thousand keys that want to be written do not ask it a thousand times.
 */
export class Throttle {
  /** Until when, in milliseconds of `performance.now()`, by kind. */
  readonly #until = new Map<string, number>();

  /** Takes note of a refusal. Gives for how much longer than before we stay away, in milliseconds. */
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
   * Waits until the kind may be asked for again. Throws the refusal (429) anew where that is longer than `maxMs`, and the
   * signal's reason.
   */
  async pass(resource: string, maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    for (let leftMs = this.#leftMs(resource); leftMs > 0; leftMs = this.#leftMs(resource)) {
      if (leftMs > maxMs) {
        const message = `the API server wants no requests for ${kindOf(resource)} for ${Math.ceil(leftMs / 1000)} s`;
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

/** `pods` of `pods/status`. */
const kindOf = (resource: string): string => resource.split('/', 1)[0] as string;
