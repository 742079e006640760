import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so long, or until the signal, whichever is first: it never throws. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});
}
