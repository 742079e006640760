import { pause } from '../../src/kube/pause.ts';

const PROBE_EVERY_MS = 200;

/**
 * Polls until there is an answer.
 * @throws Error with `what` and the text of `why` after `timeoutMs`; the signal's reason.
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
  probe: () => Promise<T | undefined>,
  why: () => Promise<string> = async () => '',
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() >= deadline) {
      const reason = await why();
      throw new Error(`waited ${timeoutMs / 1000} s for ${what}${reason && `: ${reason}`}`);
    }
    await pause(PROBE_EVERY_MS, signal);
  }
}
