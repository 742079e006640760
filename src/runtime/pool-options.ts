import type { SeccompPolicy } from './containment.ts';
import type { TenantIsolation } from './pool-schedule.ts';

export interface PoolOptions {
  /** Executions at once. */
  readonly size: number;
  /** Unused VMs kept ready beside those. */
  readonly spares: number;
  /** Starts VMs when they are first needed, and only as many. */
  readonly lazy: boolean;
  readonly maxAgeMs: number;
  readonly maxUses: number;
  readonly healthIntervalMs: number;
  readonly tenantIsolation: TenantIsolation;
  readonly seccomp: SeccompPolicy;
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
