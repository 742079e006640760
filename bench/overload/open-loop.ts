import { pause } from '../../src/operator/kube/pause.ts';

export interface OpenLoop {
  readonly perSecond: number;
  /** Whether it goes on; asked before each. */
  readonly goesOn: () => boolean;
  readonly signal: AbortSignal;
  /** Any steady clock, in milliseconds, and a wait on it. */
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Calls `send` so many times a second, whether or not what was sent before has ended, and tells it when it was due. A
 * generator that was held up catches up at once: what is measured from `dueMs` on leaves out none of the time that
 * somebody who came on time would have waited (Gil Tene's "coordinated omission").
 */
export async function openLoop(
  { perSecond, goesOn, signal, now = () => performance.now(), wait = (ms, until) => pause(ms, until) }: OpenLoop,
  send: (dueMs: number) => void,
): Promise<void> {
  const startMs = now();
  for (let index = 0; ; index += 1) {
    const dueMs = startMs + (index * 1000) / perSecond;
    const earlyMs = dueMs - now();
    if (earlyMs > 0) await wait(earlyMs, signal);
    signal.throwIfAborted();
    if (!goesOn()) return;
    send(dueMs);
  }
}
