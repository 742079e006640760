import { parseDuration } from '../api/duration.ts';
import { runtimeLimits } from '../api/limits.ts';
import { idleMemoryWithin } from '../api/pod-memory.ts';
import type { ScriptRuntimeSpec } from '../api/types.generated.ts';
import type { RuntimeOptions } from './options.ts';

/** What the engine takes of a ScriptRuntime's `spec`. */
export type EngineSpec = Pick<ScriptRuntimeSpec, 'pool' | 'cache' | 'limits' | 'tenants' | 'egress'>;

/**
 * A ScriptRuntime's `spec`, with its defaults, as options of the engine. Pure.
 * @param containerBytes memory limit of the container that the engine runs in; 0 where it has none
 */
export function specOptions(
  { pool, cache, limits, tenants, egress = [] }: EngineSpec,
  containerBytes = 0,
): RuntimeOptions {
  return {
    pool: {
      size: pool.size,
      idleMemoryBytes: idleMemoryWithin({ pool, limits }, containerBytes),
      maxAgeMs: parseDuration(pool.maxAge),
      maxUses: pool.maxUses,
      healthIntervalMs: parseDuration(pool.healthInterval),
      tenantIsolation: pool.tenantIsolation,
      seccomp: pool.seccomp,
    },
    cache,
    limits: runtimeLimits(limits),
    tenants: tenants ?? [],
    egress: { rules: egress },
  };
}
