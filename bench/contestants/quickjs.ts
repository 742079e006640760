import type { Contestant } from '../contestant.ts';
import { type PrepareLane, startLanes } from '../lanes.ts';

export const quickjs: Contestant = {
  name: 'quickjs',
  note: 'new runtime and context per run (quickjs-emscripten, WebAssembly), one process per VM, synchronous; an interpreter',
  start: (lanes) => startLanes(import.meta.url, lanes),
};

export const prepareLane: PrepareLane = async (paramsJson) => {
  const { getQuickJS } = await import('quickjs-emscripten');
  const module = await getQuickJS();
  return (source) => {
    const runtime = module.newRuntime();
    const context = runtime.newContext();
    try {
      context.unwrapResult(context.evalCode(`globalThis.params = ${paramsJson}`)).dispose();
      return context.unwrapResult(context.evalCode(source)).consume((value) => JSON.stringify(context.dump(value)));
    } finally {
      context.dispose();
      runtime.dispose();
    }
  };
};
