import type { Contestant } from '../contestant.ts';
import { copepod, copepodEarlier, copepodIsolate } from './copepod.ts';
import { esbuild } from './esbuild.ts';
import { endpoint, endpointModule, gateway } from './gateway.ts';
import { isolatedVm } from './isolated-vm.ts';
import { isolatedVmAsync } from './isolated-vm-async.ts';
import { nodeChild } from './node-child.ts';
import { nodeHttp } from './node-http.ts';
import { nodeVm } from './node-vm.ts';
import { quickjs } from './quickjs.ts';
import { secureExec } from './secure-exec.ts';
import { workerThreads } from './worker-threads.ts';
import { workerd, workerdLoad, workerdPlain } from './workerd.ts';

/** Servers of one script, for `make bench-gateway`. */
const SERVERS: readonly Contestant[] = [gateway, endpoint, endpointModule, nodeHttp, workerdPlain];

/** What runs only in scenarios that name it, and in benches of its own. */
export const ON_REQUEST: readonly string[] = ['copepod-isolate', 'esbuild', ...SERVERS.map(({ name }) => name)];

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
  ...SERVERS,
];
