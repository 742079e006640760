import { ApiError, retryAfterMs, TransportError } from './api-error.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { pause } from './pause.ts';

const BACKOFF: BackoffOptions = { baseMs: 200, maxMs: 5000, jitter: 0.5 };

/**
 * Retries a request until the API server answers it: the server may be unavailable, or may have just started and refuse
 * everything until its RBAC caches are filled. Throws errors that are not transient, or the signal's reason.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<T> {
  const backoff = new Backoff(BACKOFF);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof TransportError)) throw error;
      onError(error);
      await pause(Math.max(backoff.next(), retryAfterMs(error)), signal);
    }
  }
}
