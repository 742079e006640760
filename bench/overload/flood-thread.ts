import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { observeExecution } from '../cluster/executions.ts';
import { userIn } from '../cluster/namespace.ts';
import { Target } from '../cluster/target.ts';
import { LoadGenerator } from './load-generator.ts';
import type { Side } from './side.ts';

/** Start parameters of the thread. */
export interface FloodData {
  readonly side: Side;
  readonly stallLimitMs: number;
}

/** Commands to the thread, one at a time: create this many executions with this many workers. */
export type FloodOrder = { readonly workers: number } & (
  | { readonly send: number }
  | { readonly createSuspended: number }
);

/** Ready; progress; all created; command finished. */
export type FloodMessage =
  | { readonly ready: true }
  | { readonly ended: number }
  | { readonly created: true }
  | { readonly failures: readonly string[] };

const TELL_MS = 100;

const port = parentPort as MessagePort;
const { side, stallLimitMs } = workerData as FloodData;
const tell = (message: FloodMessage): void => port.postMessage(message);

const target = await Target.connect();
const { signal } = new AbortController(); // the thread is terminated by its parent
const common = { observe: observeExecution, stallLimitMs, signal };
const generator = await LoadGenerator.start(userIn(target, side.namespace), { ...side, ...common, name: 'flood' });
const ended = (): number => generator.runs.length + generator.failures.length;
port.on('message', (order: FloodOrder) => void carryOut(order));
tell({ ready: true });

async function carryOut(order: FloodOrder): Promise<void> {
  if ('createSuspended' in order) {
    await generator.idleFlood(order.createSuspended, order.workers);
  } else {
    const telling = setInterval(() => tell({ ended: ended() }), TELL_MS);
    await generator.flood(order.send, order.workers);
    tell({ created: true });
    await generator.ended();
    clearInterval(telling);
    tell({ ended: ended() });
  }
  tell({ failures: generator.failures });
}
