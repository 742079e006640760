import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import type { Workload } from '../workload.ts';

const WRAPPER = `
const { parentPort, workerData } = require('node:worker_threads');
globalThis.params = workerData.params;
parentPort.postMessage(JSON.stringify((0, eval)(workerData.source)));`;

export const workerThreads: Contestant = {
  name: 'worker-threads',
  note: 'a new worker per run, in one process; not a sandbox',
  start: async () => ({
    measure: (workload, load) => closedLoop(execute, workload, load),
    close: async () => {},
  }),
};

async function execute(workload: Workload, index: number): Promise<string> {
  const workerData = { source: workload.source(index), params: workload.params };
  const worker = new Worker(WRAPPER, { eval: true, env: {}, workerData });
  const exited = once(worker, 'exit');
  const [result] = (await once(worker, 'message')) as [string];
  await exited;
  return result;
}
