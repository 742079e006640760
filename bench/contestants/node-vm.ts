import vm from 'node:vm';
import type { Contestant } from '../contestant.ts';
import { type PrepareLane, startLanes } from '../lanes.ts';

export const nodeVm: Contestant = {
  name: 'node-vm',
  note: 'new context per run, one process per VM, synchronous; not a sandbox, as its documentation says',
  start: (lanes) => startLanes(import.meta.url, lanes),
};

export const prepareLane: PrepareLane = async (paramsJson) => {
  const compiled = new Map<string, vm.Script>();
  return (source, reuse) => {
    const known = compiled.get(source);
    const script = known ?? new vm.Script(source);
    if (reuse && !known) compiled.set(source, script);
    const context = vm.createContext({ params: JSON.parse(paramsJson) });
    return JSON.stringify(script.runInContext(context));
  };
};
