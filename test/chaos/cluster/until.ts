import { pause } from '../../../src/operator/kube/pause.ts';

const PROBE_EVERY_MS = 200;

/** Asks until there is an answer. Throws what was waited for, after `timeoutMs`, or the signal's reason. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await pause(PROBE_EVERY_MS, signal);
  }
}
