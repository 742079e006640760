import { isTooManyRequests, isTransient, retryAfterMs, TransportError } from './api-error.ts';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import { pause } from './pause.ts';

export interface RetryOptions extends BackoffOptions {
  /** Attempts in total; after the last the error is thrown. 1: no retry. */
  readonly maxTries: number;
  /** A longer Retry-After is not waited for: the error is thrown. */
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
 * Whether a retry cannot execute the request twice: a read after any transient error, a write only if it cannot have
 * taken effect (429, never sent).
 */
export function isSafeToRetry(method: string, error: unknown): boolean {
  if (method === 'GET') return isTransient(error);
  return isTooManyRequests(error) || (error instanceof TransportError && error.neverSent);
}

/** Runs `attempt`, and again while that is safe, honouring Retry-After. Throws the last error. */
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
