import { parseBytes } from './quantity.ts';
import type { ScriptRuntimeSpec } from './types.generated.ts';

/** Memory of a pod besides its VMs: the supervisor, its buffers, and ten million remembered run ids. */
export const SUPERVISOR_BYTES = 320 << 20;
/** Memory of a VM besides its limit: an idle sandbox process, and growth between two samples. */
const VM_OVERHEAD_BYTES = 128 << 20;

type MemorySpec = Pick<ScriptRuntimeSpec, 'pool' | 'limits'>;

/**
 * Memory of a pod in bytes if each VM that may run is at its limit, so that one tenant cannot cause an out-of-memory kill of a
 * shared pod. Idle VMs beyond `pool.size` come on top. Pure.
 */
export function busyPodBytes({ pool, limits }: MemorySpec): number {
  return SUPERVISOR_BYTES + (pool.size + 1) * (parseBytes(limits.memory) + VM_OVERHEAD_BYTES);
}

/** What idle VMs beyond `pool.size` may hold together, in bytes. Other isolations keep none. Pure. */
export function idleMemoryBytes({ pool }: MemorySpec): number {
  return pool.tenantIsolation === 'Process' ? parseBytes(pool.idleMemory) : 0;
}

/**
 * The same in a container that has less memory than the spec asks for: what busy VMs may need is not given to idle ones. Pure.
 * @param limitBytes memory limit of the container; 0 where it has none
 */
export function idleMemoryWithin(spec: MemorySpec, limitBytes: number): number {
  const wanted = idleMemoryBytes(spec);
  return limitBytes === 0 ? wanted : Math.max(0, Math.min(wanted, limitBytes - busyPodBytes(spec)));
}
