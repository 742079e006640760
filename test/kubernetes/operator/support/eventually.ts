import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 20_000;
const EVERY_MS = 50;

/** Retries assertions until they pass, and returns their value. Throws the last failure after `withinMs`. */
export async function eventually<T>(assert: () => T | Promise<T>, withinMs = WITHIN_MS): Promise<T> {
  for (const deadline = performance.now() + withinMs; ; await sleep(EVERY_MS)) {
    try {
      return await assert();
    } catch (error) {
      if (performance.now() < deadline) continue;
      (error as Error).message = `still so after ${withinMs / 1000} s: ${(error as Error).message}`;
      throw error;
    }
  }
}

/** Checks that assertions keep passing for a while. */
export async function always(assert: () => void | Promise<void>, forMs: number): Promise<void> {
  for (const deadline = performance.now() + forMs; performance.now() < deadline; await sleep(EVERY_MS)) await assert();
}
