import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { buildCommit, buildDirectory } from '../cache.ts';
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

/** The last commit before sandboxes were forked from a zygote. */
const EARLIER = '4565aa1';

export const copepodEarlier: Contestant = {
  name: `copepod-${EARLIER}`,
  note: `the engine as it was at commit ${EARLIER}: a start of Node for each process, no seccomp filter`,
  prepare: () => buildCommit(EARLIER),
  start: (lanes) => start(lanes, 'Process', pathToFileURL(`${buildDirectory(EARLIER)}/`)),
};

async function start(lanes: number, tenantIsolation: 'Process' | 'Isolate', root?: URL): Promise<Engine> {
  const { createRuntime } = await loadEngine(root);
  const runtime = createRuntime({ pool: { size: lanes, tenantIsolation }, cache: { size: 2000 } });
  await runtime.ready();
  // All VMs, so that no fork for them happens during the measurement.
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
