import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { processesOf } from '../cluster/pod-processes.ts';
import { PARTS, type Part, type ProcessorTimes } from './figures.ts';

/** Unit of the times in /proc/PID/stat: USER_HZ, which is 100 on all architectures of Linux that Node runs on. */
const TICK_MS = 10;

/** Where the parts of a cluster run on this machine. */
export interface Whereabouts {
  /** State directory of `make cluster`; undefined on other clusters, of which API server and etcd are unknown. */
  readonly stateDir: string | undefined;
  /** uids of pods. */
  readonly pods: Readonly<Record<'operator' | 'gateways' | 'pods', readonly string[]>>;
}

/** Processor time so far, of each part. Parts on other machines have none. */
export function processorTimes({ stateDir, pods }: Whereabouts): ProcessorTimes {
  const ofPods = (uids: readonly string[]): number => sum(uids.flatMap(processesOf).map(processMs));
  const { user, system } = process.cpuUsage();
  const known: Record<Exclude<Part, 'elsewhere'>, number> = {
    'API server': clusterProcessMs(stateDir, 'kube-apiserver'),
    etcd: clusterProcessMs(stateDir, 'etcd'),
    operator: ofPods(pods.operator),
    gateways: ofPods(pods.gateways),
    pods: ofPods(pods.pods),
    'load generator': (user + system) / 1000,
  };
  const busy = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return { ...known, elsewhere: sum(busy) - sum(Object.values(known)) };
}

/** The increase of each part. */
export function processorTimesSince(before: ProcessorTimes, after: ProcessorTimes): ProcessorTimes {
  return Object.fromEntries(PARTS.map((part) => [part, after[part] - before[part]])) as Record<Part, number>;
}

/**
 * Processor time of a process and of its children that have exited: summed over all processes of a pod, each counts once.
 * 0 for a process that has exited.
 */
function processMs(pid: number): number {
  try {
    // The name in the second field may have spaces and parentheses. utime, stime, cutime, cstime are fields 14 to 17.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return sum(fields.slice(11, 15).map(Number)) * TICK_MS;
  } catch {
    return 0;
  }
}

/** The cluster records the pid of each process it starts. */
function clusterProcessMs(stateDir: string | undefined, name: string): number {
  if (stateDir === undefined) return 0;
  const [pid] = readFileSync(join(stateDir, 'run', name), 'utf8').split(' ');
  return processMs(Number(pid));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
