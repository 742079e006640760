import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf } from '../processes.ts';

const SETTLE_MS = 2000;

/** Resources that a process holds. */
export interface Holdings {
  readonly children: number;
  readonly fileDescriptors: number;
}

export function holdings(): Holdings {
  return {
    children: childrenOf(process.pid).length,
    fileDescriptors: readdirSync('/proc/self/fd').length,
  };
}

/** The resources once they equal `before`, or after two seconds. */
export async function settledHoldings(before: Holdings): Promise<Holdings> {
  const deadline = performance.now() + SETTLE_MS;
  let now = holdings();
  while (
    performance.now() < deadline &&
    (now.children > before.children || now.fileDescriptors > before.fileDescriptors)
  ) {
    await delay(20);
    now = holdings();
  }
  return now;
}
