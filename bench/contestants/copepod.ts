import { setTimeout as delay } from 'node:timers/promises';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant, Engine } from '../contestant.ts';
import { loadEngine } from '../engine.ts';
import type { Workload } from '../workload.ts';

export const copepod: Contestant = {
  name: 'copepod',
  note: 'this engine as a library: new context per run, one contained process per VM, tenants in separate processes',
  start: (lanes) => start(lanes, 'Process'),
};

export const copepodIsolate: Contestant = {
  name: 'copepod-isolate',
  note: 'the same with tenantIsolation Isolate: a new isolate when the tenant changes',
  start: (lanes) => start(lanes, 'Isolate'),
};

async function start(lanes: number, tenantIsolation: 'Process' | 'Isolate'): Promise<Engine> {
  const { createRuntime } = await loadEngine();
  const runtime = createRuntime({ pool: { size: lanes, tenantIsolation }, cache: { size: 2000 } });
  await runtime.ready();
  // All VMs including the spare, so that no fork happens during the measurement.
  while (runtime.metrics().pool.idle < lanes) await delay(20);

  const execute = async (workload: Workload, index: number) => {
    const { error, result } = await runtime.execute(
      { source: workload.source(index), language: workload.language ?? 'JavaScript' },
      { params: workload.params, tenantKey: workload.tenant(index) },
    );
    if (error) throw error;
    return JSON.stringify(result);
  };
  return {
    measure: (workload, load) => closedLoop(execute, workload, load),
    close: () => runtime.close(),
  };
}
