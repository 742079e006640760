import { pause } from '../../src/kube/pause.ts';

export interface OpenLoop {
  readonly perSecond: number;
  /** Whether to continue; called before each send. */
  readonly goesOn: () => boolean;
  readonly signal: AbortSignal;
  /** Any monotonic clock, in milliseconds, and a wait on it. */
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Calls `send` at a fixed rate, whether or not earlier executions have finished, with the time it was due. A delayed
 * generator catches up at once: latency measured from `dueMs` includes the generator's delay (Gil Tene's "coordinated
 * omission").
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
