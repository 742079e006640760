import { isTooManyRequests, isTransient, retryAfterMs, TransportError } from './api-error.ts';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import { pause } from './pause.ts';

export interface RetryOptions extends BackoffOptions {
  /** After so many failures the error is the caller's. 1: no retry. */
  readonly maxTries: number;
  /** A server that asks to stay away for longer is obeyed by giving up. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY: RetryOptions = {
  maxTries: 5,
  baseMs: 100,
  maxMs: 5000,
  jitter: 0.5,
  maxRetryAfterMs: 10_000,
};

/**
 * Whether the request can be sent again with no risk of doing it twice: a read after any passing trouble, a write only
 * where it was certainly not done (429, or it never left).
 */
export function isSafeToRetry(method: string, error: unknown): boolean {
  if (method === 'GET') return isTransient(error);
  return isTooManyRequests(error) || (error instanceof TransportError && error.neverSent);
}

/** Runs `attempt`, again where that is safe, no sooner than the server asks. Throws the last error. */
export async function withRetries<T>(
  method: string,
  options: RetryOptions,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const awayMs = retryAfterMs(error);
      const over = tries >= options.maxTries || awayMs > options.maxRetryAfterMs || signal?.aborted;
      if (over || !isSafeToRetry(method, error)) throw error;
      await pause(Math.max(awayMs, backoffMs(tries, options)), signal);
      signal?.throwIfAborted();
    }
  }
}
