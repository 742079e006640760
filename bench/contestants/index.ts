import type { Contestant } from '../contestant.ts';
import { copepod, copepodEarlier, copepodIsolate } from './copepod.ts';
import { esbuild } from './esbuild.ts';
import { isolatedVm } from './isolated-vm.ts';
import { isolatedVmAsync } from './isolated-vm-async.ts';
import { nodeChild } from './node-child.ts';
import { nodeVm } from './node-vm.ts';
import { quickjs } from './quickjs.ts';
import { secureExec } from './secure-exec.ts';
import { workerThreads } from './worker-threads.ts';
import { workerd, workerdLoad } from './workerd.ts';

/** All contestants, in the order of rounds and tables; the others are compared with the first. */
export const CONTESTANTS: readonly Contestant[] = [
  copepod,
  copepodIsolate,
  copepodEarlier,
  isolatedVm,
  isolatedVmAsync,
  nodeVm,
  quickjs,
  workerThreads,
  nodeChild,
  esbuild,
  workerd,
  workerdLoad,
  secureExec,
];
