import type { SeccompPolicy } from './containment.ts';
import type { TenantIsolation } from './pool-schedule.ts';

export interface PoolOptions {
  /** Executions at once. */
  readonly size: number;
  /** Unused VMs kept ready beside those; see `defaultSpares`. */
  readonly spares: number;
  /**
   * Memory that idle VMs beyond `size` may hold together, in bytes: tenants find their VM again as long as it lasts. The VM
   * idle for the longest ends first. Of `tenantIsolation: Process` alone: otherwise no more than `size` are kept.
   */
  readonly idleMemoryBytes: number;
  /** Starts VMs when they are first needed, and only as many. */
  readonly lazy: boolean;
  readonly maxAgeMs: number;
  readonly maxUses: number;
  readonly healthIntervalMs: number;
  readonly tenantIsolation: TenantIsolation;
  readonly seccomp: SeccompPolicy;
}

/** Memory that an unused VM has of its own, in bytes, measured (3.2 MiB) and rounded up: the rest it shares with its zygote. */
export const SPARE_BYTES = 5 << 20;

/**
 * How many unused VMs a pool keeps: one for each execution that it can run, so that as many new tenants as fit at once find
 * a process that is up. Together they hold no more than one execution may use. Where tenants share processes, a new tenant
 * needs no process of its own, and one is enough. Pure.
 *
 * @param memoryBytes heap limit of an execution
 */
export function defaultSpares(pool: Pick<PoolOptions, 'size' | 'tenantIsolation'>, memoryBytes: number): number {
  if (pool.tenantIsolation === 'Isolate') return 1;
  return Math.max(1, Math.min(pool.size, Math.floor(memoryBytes / SPARE_BYTES)));
}

export interface PoolStats {
  readonly size: number;
  readonly idle: number;
  readonly busy: number;
  readonly waiting: number;
  /** VMs ever started, and of those ever ended. */
  readonly created: number;
  readonly destroyed: number;
  /** Processes that ended before they were ready; each was replaced at once. */
  readonly failedStarts: number;
}

/** No VM is to be had: the pool is closed, or none will start. */
export class PoolError extends Error {}
