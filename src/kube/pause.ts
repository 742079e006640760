import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for `ms` milliseconds or until the signal is aborted, whichever is first. Never throws. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});
}
