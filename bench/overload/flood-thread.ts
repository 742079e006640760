import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { lookAtExecution } from '../cluster/executions.ts';
import { userIn } from '../cluster/namespace.ts';
import { Target } from '../cluster/target.ts';
import { Crowd } from './crowd.ts';
import type { Side } from './side.ts';

/** What the thread is started with. */
export interface FloodData {
  readonly side: Side;
  readonly stallLimitMs: number;
}

/** What it is asked for, one after another: so many executions, created by so many workers. */
export type FloodOrder = { readonly workers: number } & (
  | { readonly send: number }
  | { readonly createSuspended: number }
);

/** It is ready, how far it is, that all are created, and that an order is carried out. */
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
const { signal } = new AbortController(); // the thread is ended from outside
const common = { look: lookAtExecution, stallLimitMs, signal };
const crowd = await Crowd.start(userIn(target, side.namespace), { ...side, ...common, name: 'flood' });
const ended = (): number => crowd.runs.length + crowd.failures.length;
port.on('message', (order: FloodOrder) => void carryOut(order));
tell({ ready: true });

async function carryOut(order: FloodOrder): Promise<void> {
  if ('createSuspended' in order) {
    await crowd.idleFlood(order.createSuspended, order.workers);
  } else {
    const telling = setInterval(() => tell({ ended: ended() }), TELL_MS);
    await crowd.flood(order.send, order.workers);
    tell({ created: true });
    await crowd.ended();
    clearInterval(telling);
    tell({ ended: ended() });
  }
  tell({ failures: crowd.failures });
}
