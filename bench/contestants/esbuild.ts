import type { Contestant } from '../contestant.ts';
import { type PrepareLane, startLanes } from '../lanes.ts';

/** The lower bound of what TypeScript takes. */
export const esbuild: Contestant = {
  name: 'esbuild',
  note: "esbuild's transform of TypeScript, and a new context of node:vm that runs what it gives",
  start: (lanes) => startLanes(import.meta.url, lanes),
};

export const prepareLane: PrepareLane = async (paramsJson) => {
  const { transformSync } = await import('esbuild');
  const { createContext, runInContext } = await import('node:vm');
  return (source) => {
    const { code } = transformSync(source, { loader: 'ts' });
    return JSON.stringify(runInContext(code, createContext({ params: JSON.parse(paramsJson) })));
  };
};
