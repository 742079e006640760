import { isAlreadyExists, isNotFound } from '../../../src/kube/api-error.ts';
import { pause } from '../../../src/kube/pause.ts';

const AGAIN_AFTER_MS = 300;
const TRY_WITHIN_MS = 5000;

/** Retries until it succeeds, whatever the API server answers: it is killed repeatedly. Throws the signal's reason. */
export async function insist<T>(
  signal: AbortSignal,
  action: (call: { signal: AbortSignal; timeoutMs: number; retry: false }) => Promise<T>,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await action({ signal, timeoutMs: TRY_WITHIN_MS, retry: false });
    } catch (error) {
      signal.throwIfAborted();
      if (isNotFound(error)) throw error;
      await pause(AGAIN_AFTER_MS, signal);
    }
  }
}

/** Creates an object, retrying until it exists. */
export async function insistOnCreating(
  signal: AbortSignal,
  action: (call: { signal: AbortSignal; timeoutMs: number; retry: false }) => Promise<unknown>,
): Promise<void> {
  await insist(signal, async (call) => {
    try {
      await action(call);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  });
}

/** Deletes an object, retrying until it is gone. */
export async function insistOnDeleting(
  signal: AbortSignal,
  action: (call: { signal: AbortSignal; timeoutMs: number; retry: false }) => Promise<unknown>,
): Promise<void> {
  try {
    await insist(signal, action);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
