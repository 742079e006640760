import { nearest } from '../api/suggest.ts';
import type { CompilerOptions } from './compiler.ts';
import type { EgressOptions } from './egress/egress.ts';
import type { RequestReport } from './egress/request-record.ts';
import type { ValueSource } from './env/value-source.ts';
import { defaultSpares, type PoolOptions } from './pool-options.ts';
import type { ToolSource } from './tools/tool-source.ts';
import type { Limits } from './types.ts';

/** Sees what the runtime does, for tests and for operators. */
export interface RuntimeObserver {
  /** An execution starts on a VM. */
  executionStarted?(event: {
    readonly vmId: number;
    readonly pid: number;
    readonly isolateId: number;
    readonly tenantKey: string;
    readonly executionId: string;
  }): void;
  /** Sandboxes run without a seccomp filter, as `pool.seccomp: IfAvailable` allows. */
  runsWithoutSeccomp?(event: { readonly reason: string }): void;
  /** A request has ended that loading a tool has sent. */
  toolRequested?(event: RequestReport): void;
}

export interface RuntimeOptions {
  readonly pool?: Partial<PoolOptions>;
  readonly cache?: Partial<CompilerOptions>;
  /** Default and ceiling of each execution's limits. */
  readonly limits?: Partial<Limits>;
  /** Tenant ids admitted; empty or left out: any. */
  readonly tenants?: readonly string[];
  /** What `fetch` may reach; left out: nothing. */
  readonly egress?: EgressOptions;
  /** Objects of functions that scripts call; their requests are judged by `egress`. */
  readonly tools?: readonly ToolSource[];
  /** Where the Secrets and ConfigMaps are that `env` refers to; left out: nowhere. */
  readonly values?: ValueSource;
  readonly observer?: RuntimeObserver;
}

export const DEFAULT_LIMITS: Limits = {
  memoryBytes: 64 << 20,
  cpuTimeMs: 1000,
  timeoutMs: 30_000,
  apiCalls: 100,
  fetchBytes: 10 << 20,
  resultBytes: 32 << 10,
  logsBytes: 16 << 10,
};

export const DEFAULT_POOL: Omit<PoolOptions, 'spares'> = {
  size: 4,
  idleMemoryBytes: 384 << 20,
  lazy: false,
  maxAgeMs: 3_600_000,
  maxUses: 10_000,
  healthIntervalMs: 30_000,
  tenantIsolation: 'Process',
  seccomp: 'Required',
};

export const DEFAULT_CACHE: CompilerOptions = { enabled: true, size: 500 };

/** Fixed bounds of what comes in. */
export const MAX_PARAMS_BYTES = 256 << 10;
/** Every context that the API takes fits in, whatever is escaped in it. */
export const MAX_CONTEXT_BYTES = 512 << 10;
/** Fixed bound of what goes out: a result has to fit a frame of the sandbox, whatever is escaped in it. */
export const MAX_RESULT_BYTES = 512 << 10;

/** Defaults with what is given in their place; `undefined` counts as left out. */
export function withDefaults<T extends object>(defaults: T, given: Partial<T> = {}): T {
  const all = { ...defaults, ...given };
  for (const key of Object.keys(defaults) as (keyof T)[]) if (all[key] === undefined) all[key] = defaults[key];
  return all;
}

/**
 * Refuses options that there are not: what they are meant to set would stay as it is.
 * @throws TypeError with the option that may be meant
 */
function refuseUnknown(what: string, known: object, given: object): void {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(known, key)) continue;
    const near = nearest(key, Object.keys(known));
    const hint = near === undefined ? `there are ${Object.keys(known).join(', ')}` : `did you mean ${near}?`;
    throw new TypeError(`${what}.${key} is no option: ${hint}`);
  }
}

/**
 * The compiler's options with defaults for what is left out.
 * @throws TypeError for an unknown option
 */
export function cacheOptions(given: Partial<CompilerOptions> = {}): CompilerOptions {
  refuseUnknown('cache', DEFAULT_CACHE, given);
  return withDefaults(DEFAULT_CACHE, given);
}

/**
 * The pool's options with defaults for what is left out.
 * @param memoryBytes heap limit of an execution
 * @throws TypeError for an unknown option, and for a number that is none, or too small
 */
export function poolOptions(given: Partial<PoolOptions> = {}, memoryBytes = DEFAULT_LIMITS.memoryBytes): PoolOptions {
  refuseUnknown('pool', { ...DEFAULT_POOL, spares: 0 }, given);
  const sized = withDefaults<Omit<PoolOptions, 'spares'>>(DEFAULT_POOL, given);
  const pool = withDefaults<PoolOptions>({ ...sized, spares: defaultSpares(sized, memoryBytes) }, given);
  const least = { size: 1, spares: 0, idleMemoryBytes: 0, maxUses: 1, maxAgeMs: 1, healthIntervalMs: 1 } as const;
  for (const [key, minimum] of Object.entries(least) as [keyof typeof least, number][]) {
    if (!(pool[key] >= minimum)) throw new TypeError(`pool.${key} must be a number from ${minimum}, not ${pool[key]}`);
  }
  return pool;
}

/**
 * Limits with those of a ceiling for what is left out.
 * @throws TypeError for an unknown limit, and for one that is no number: nothing would ever pass it
 */
export function limitsWithin(ceiling: Limits, asked: Partial<Limits> = {}): Limits {
  refuseUnknown('limits', ceiling, asked);
  const limits = withDefaults(ceiling, asked);
  for (const key of Object.keys(ceiling) as (keyof Limits)[]) {
    if (!Number.isFinite(limits[key]) || limits[key] < 0) {
      throw new TypeError(`limits.${key} must be a finite number from 0, not ${limits[key]}`);
    }
  }
  return limits;
}

/** What an execution asks for that its runtime does not give, in words; empty if all is well. */
export function refusals(asked: Partial<Limits>, ceiling: Limits): string[] {
  return (Object.keys(asked) as (keyof Limits)[])
    .filter((key) => (asked[key] ?? 0) > ceiling[key])
    .map((key) => `limits.${key} asks for ${asked[key]}, and the runtime allows ${ceiling[key]}`);
}
