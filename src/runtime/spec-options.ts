import { parseDuration } from '../api/duration.ts';
import { runtimeLimits } from '../api/limits.ts';
import { idleMemoryWithin } from '../api/pod-memory.ts';
import type { ScriptRuntimeSpec } from '../api/types.generated.ts';
import type { ValueSource } from './env/value-source.ts';
import type { RuntimeOptions } from './options.ts';
import { specTools } from './tools/spec-tools.ts';

/** What the engine takes of a ScriptRuntime's `spec`. */
export type EngineSpec = Pick<ScriptRuntimeSpec, 'pool' | 'cache' | 'limits' | 'tenants' | 'egress' | 'tools'>;

/**
 * A ScriptRuntime's `spec`, with its defaults, as options of the engine.
 * @param values where the Secrets and ConfigMaps are that it refers to
 * @param containerBytes memory limit of the container that the engine runs in; 0 where it has none
 */
export function specOptions(
  { pool, cache, limits, tenants, egress = [], tools }: EngineSpec,
  values: ValueSource,
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
    tools: specTools(tools, values),
    values,
  };
}
