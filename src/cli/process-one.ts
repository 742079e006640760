import { readFileSync } from 'node:fs';

const SIGNALS = [
  { signal: 'SIGTERM', number: 15 },
  { signal: 'SIGINT', number: 2 },
] as const;

/**
 * Ends process 1 of a container at a signal for which no command has a handler yet: nothing has been started then. The
 * kernel gives process 1 no default action, and drops a signal that it does not handle. Node handles these two while it
 * starts, once, by a default action: one that came before this call shows as a handler that is gone.
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

/** Whether this process has a handler for a signal, by the kernel's word; true where there is none to ask. */
function isHandled(number: number): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return caught === undefined || ((BigInt(`0x${caught}`) >> BigInt(number - 1)) & 1n) === 1n;
  } catch {
    return true;
  }
}
