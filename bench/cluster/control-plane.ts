import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { residentBytes } from '../processes.ts';

const ETCD_METRICS = 'http://127.0.0.1:2379/metrics';
const READ_WITHIN_MS = 5000;

/** In bytes; unknown values are left out. */
export interface ControlPlaneUse {
  readonly apiServerBytes?: number;
  readonly etcdBytes?: number;
  /** Size of the database file, and the part in use: compaction frees pages for reuse but does not shrink the file. */
  readonly dbBytes?: number;
  readonly dbInUseBytes?: number;
}

/** Resources used by API server and etcd of `make cluster`; empty without `stateDir`, its state directory. */
export async function controlPlaneUse(stateDir: string | undefined): Promise<ControlPlaneUse> {
  if (stateDir === undefined) return {};
  const text = await etcdMetrics();
  return {
    ...told('apiServerBytes', residentBytesOf(stateDir, 'kube-apiserver')),
    ...told('etcdBytes', residentBytesOf(stateDir, 'etcd')),
    ...told('dbBytes', gauge(text, 'etcd_mvcc_db_total_size_in_bytes')),
    ...told('dbInUseBytes', gauge(text, 'etcd_mvcc_db_total_size_in_use_in_bytes')),
  };
}

function told<Key extends string>(key: Key, bytes: number): { [K in Key]?: number } {
  return (bytes > 0 ? { [key]: bytes } : {}) as { [K in Key]?: number };
}

/** The cluster records the pid of each process it starts. */
function residentBytesOf(stateDir: string, name: string): number {
  try {
    const [pid] = readFileSync(join(stateDir, 'run', name), 'utf8').split(' ');
    return residentBytes(Number(pid));
  } catch {
    return 0;
  }
}

async function etcdMetrics(): Promise<string> {
  try {
    const response = await fetch(ETCD_METRICS, { signal: AbortSignal.timeout(READ_WITHIN_MS) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

function gauge(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
