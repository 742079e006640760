import type { Script } from 'isolated-vm';
import type { Contestant } from '../contestant.ts';
import { type PrepareLane, startLanes } from '../lanes.ts';

/** The upper bound: V8 and isolated-vm with a new context per execution and nothing around it. */
export const isolatedVm: Contestant = {
  name: 'isolated-vm',
  note: 'new context per run, one isolate in each of as many processes, synchronous, nothing contained: the ceiling',
  start: (lanes) => startLanes(import.meta.url, lanes),
};

export const prepareLane: PrepareLane = async (paramsJson) => {
  const { default: ivm } = await import('isolated-vm');
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  const params = new ivm.ExternalCopy(JSON.parse(paramsJson));
  const compiled = new Map<string, Script>();

  return (source, reuse) => {
    const known = compiled.get(source);
    const script = known ?? isolate.compileScriptSync(source);
    if (reuse && !known) compiled.set(source, script);
    const context = isolate.createContextSync();
    context.global.setSync('params', params.copyInto());
    const result = JSON.stringify(script.runSync(context, { copy: true }));
    context.release();
    if (!reuse) script.release();
    return result;
  };
};
