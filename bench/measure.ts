import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { HostMessage, HostOrder } from './host.ts';
import { killTree, treeResidentBytes } from './processes.ts';
import type { Sample } from './statistics.ts';

/** A sample with the peak memory of all processes of the contestant. */
export interface Measurement extends Sample {
  readonly peakResidentBytes: number;
}

const MEMORY_EVERY_MS = 50;
/** Some contestants keep a diary on their standard error: its end is told where they fail, in UTF-16 units. */
const MAX_SAID = 2000;

/** Drives one contestant in a separate process. @throws Error if it fails or returns a wrong result. */
export async function measure(order: HostOrder, signal: AbortSignal): Promise<Measurement[]> {
  const host = fork(new URL('./host.ts', import.meta.url), [JSON.stringify(order)], {
    stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
  });
  let said = '';
  host.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID);
  });
  const pid = host.pid as number;
  const exited = once(host, 'exit') as Promise<[number | null, string | null]>;
  const end = () => killTree(pid);
  signal.addEventListener('abort', end);

  let peakResidentBytes = 0;
  const measurements: Measurement[] = [];
  const failures: string[] = [];
  const sampler = setInterval(() => {
    peakResidentBytes = Math.max(peakResidentBytes, treeResidentBytes(pid));
  }, MEMORY_EVERY_MS);
  host.on('message', (message: HostMessage) => {
    if (message.kind === 'measuring') peakResidentBytes = treeResidentBytes(pid);
    else if (message.kind === 'sample') measurements.push({ ...message.sample, peakResidentBytes });
    else failures.push(message.message);
  });

  try {
    const [code, killedBy] = await exited;
    signal.throwIfAborted();
    if (failures.length > 0 || measurements.length < order.loads.length) {
      throw new Error(
        `${order.contestant} failed in ${order.scenario}: ${failures[0] ?? `exited with ${killedBy ?? code}`}\n${said}`,
      );
    }
    return measurements;
  } finally {
    clearInterval(sampler);
    signal.removeEventListener('abort', end);
    end();
  }
}
