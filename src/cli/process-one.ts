import { readFileSync } from 'node:fs';

const SIGNALS = [
  { signal: 'SIGTERM', number: 15 },
  { signal: 'SIGINT', number: 2 },
] as const;

/**
 * Terminates process 1 of a container on a signal before any command has a handler, when nothing has been started. The
 * kernel gives process 1 no default action, and drops signals without a handler. While Node starts, it handles these
 * two signals once by their default action: an earlier signal is visible as a missing handler.
 */
export function endProcessOneOnSignals(): void {
  if (process.pid !== 1) return;
  for (const { signal, number } of SIGNALS) {
    const end = (): never => process.exit(128 + number);
    if (!isHandled(number)) end();
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) end();
    });
  }
}

/** Whether this process has a handler for a signal, according to the kernel; true if that is unknown. */
function isHandled(number: number): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return caught === undefined || ((BigInt(`0x${caught}`) >> BigInt(number - 1)) & 1n) === 1n;
  } catch {
    return true;
  }
}
