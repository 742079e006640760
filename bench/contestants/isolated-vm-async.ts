import type { Script } from 'isolated-vm';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';

/** The most common way to embed isolated-vm: promises, and a thread hop per call. */
export const isolatedVmAsync: Contestant = {
  name: 'isolated-vm-async',
  note: 'new context per run, as many isolates as VMs in one process, through promises; for information',
  start: async (lanes) => {
    const { default: ivm } = await import('isolated-vm');
    const idle = Array.from({ length: lanes }, () => ({
      isolate: new ivm.Isolate({ memoryLimit: 128 }),
      compiled: new Map<string, Script>(),
    }));
    const all = [...idle];

    return {
      measure: (workload, load) => {
        const params = new ivm.ExternalCopy(workload.params);
        const execute = async (_: unknown, index: number) => {
          const lane = idle.pop();
          if (!lane) throw new Error('more executions than isolates');
          const source = workload.source(index);
          const known = lane.compiled.get(source);
          const script = known ?? (await lane.isolate.compileScript(source));
          if (workload.reuse && !known) lane.compiled.set(source, script);
          const context = await lane.isolate.createContext();
          await context.global.set('params', params.copyInto());
          const result = JSON.stringify(await script.run(context, { copy: true }));
          context.release();
          if (!workload.reuse) script.release();
          idle.push(lane);
          return result;
        };
        return closedLoop(execute, workload, load);
      },
      close: async () => {
        for (const { isolate } of all) isolate.dispose();
      },
    };
  },
};
