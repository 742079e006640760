import { setTimeout as sleep } from 'node:timers/promises';

/** Waits normally take milliseconds or seconds; the limit is for a busy machine or a restarting operator. */
export const PATIENCE_MS = 60_000;
const PROBE_EVERY_MS = 200;

export interface Wait {
  readonly what: string;
  readonly timeoutMs?: number;
  /** Additional text of the error. */
  readonly why?: () => Promise<string>;
}

/** Polls until there is an answer. */
export async function until<T>(
  { what, timeoutMs = PATIENCE_MS, why = async () => '' }: Wait,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  for (const end = performance.now() + timeoutMs; ; ) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs / 1000} s for ${what}\n${await why()}`);
    await sleep(PROBE_EVERY_MS);
  }
}
