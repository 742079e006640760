// Host functions for the scripts of test/chaos: one counts, one takes time without CPU.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_WITHIN_MS = 2000;
const TRY_AGAIN_AFTER_MS = 100;

/** @param {import('copepod').HostBridge} host */
export default function setup(host) {
  // Counts once per call, however often it has to be sent: the id identifies the call. Returns the id.
  host.expose('counter.count', async ({ context, signal }, url) => {
    const call = randomUUID();
    const body = JSON.stringify({ uid: context.execution.id, call, pod: hostname() });
    const headers = { 'content-type': 'application/json' };
    for (;;) {
      signal.throwIfAborted();
      try {
        const answer = await fetch(url, {
          method: 'POST',
          headers,
          body,
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        });
        if (answer.ok) return call;
      } catch {
        // retried
      }
      await sleep(TRY_AGAIN_AFTER_MS);
    }
  });

  host.expose('clock.sleep', async (_call, milliseconds) => {
    await sleep(Number(milliseconds));
    return milliseconds;
  });
}
