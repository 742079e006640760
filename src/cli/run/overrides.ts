import { parseDuration } from '../../api/duration.ts';
import type { JsonObject, JsonValue } from '../../api/json.ts';
import { parseBytes } from '../../api/quantity.ts';
import { setOwn } from '../../api/set-own.ts';
import type { ScriptExecutionEnv, ScriptExecutionSpec, ScriptRuntime } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import type { Task } from '../input/workload.ts';
import type { Overrides } from './option-values.ts';

const READ = { timeout: parseDuration, memory: (text: string) => parseBytes(text) };
const LIMITS = ['timeout', 'memory'] as const;

/** What overrides are laid over. */
type Overridden = Pick<Task, 'execution' | 'runtime' | 'implicitRuntime'>;

/**
 * A task with the overrides of the command line. Limits of manifests can only be lowered; default limits, used without
 * a ScriptRuntime, can also be raised. Pure.
 *
 * @throws UsageError if `--param` sets a key of params that are not an object
 */
export function withOverrides<T extends Overridden>(task: T, overrides: Overrides): T {
  const { execution } = task;
  const params = overridden(task, overrides);
  const context = laidOver(execution.spec.context as JsonObject | undefined, overrides.context, 2);
  const runtime = task.implicitRuntime ? withCeiling(task.runtime, overrides.limits) : task.runtime;
  const env = withVariables(execution.spec.env, overrides.env);
  const limits = lowered(execution.spec, task.runtime, overrides.limits);
  const spec = {
    ...execution.spec,
    ...(params === undefined ? {} : { params }),
    ...(context === undefined ? {} : { context }),
    ...(limits === undefined ? {} : { limits }),
    ...(env.length === 0 ? {} : { env }),
  } as ScriptExecutionSpec;
  return { ...task, execution: { ...execution, spec }, runtime };
}

/** Variables laid over those of an execution. */
function withVariables(own: ScriptExecutionSpec['env'] = [], over: Overrides['env']): ScriptExecutionEnv[] {
  const names = new Set(over.map(({ name }) => name));
  return [...own.filter(({ name }) => !names.has(name)), ...over];
}

function overridden({ execution }: Overridden, { params, paramKeys }: Overrides): JsonValue | undefined {
  const base = laidOver(execution.spec.params, params, 1);
  if (Object.keys(paramKeys).length === 0) return base;
  if (base !== undefined && !isObject(base)) {
    const { namespace, name } = execution.metadata;
    const hint = 'use --params-file instead';
    throw new UsageError(`--param: the params of ${namespace}/${name} are not an object, so they have no keys`, hint);
  }
  return laidOver(base, paramKeys, 1);
}

/** Merges objects down to a depth; any other value replaces the base. */
function laidOver(base: JsonValue | undefined, over: JsonValue | undefined, depth: number): JsonValue | undefined {
  if (over === undefined) return base;
  if (depth === 0 || base === undefined || !isObject(base) || !isObject(over)) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    setOwn(merged, key, laidOver(Object.hasOwn(base, key) ? base[key] : undefined, value, depth - 1) as JsonValue);
  }
  return merged;
}

function withCeiling(runtime: ScriptRuntime, limits: Overrides['limits']): ScriptRuntime {
  return { ...runtime, spec: { ...runtime.spec, limits: { ...runtime.spec.limits, ...limits } } };
}

function lowered(spec: ScriptExecutionSpec, runtime: ScriptRuntime, overrides: Overrides['limits']) {
  const limits = { ...spec.limits };
  for (const name of LIMITS) {
    const asked = overrides[name];
    if (asked === undefined) continue;
    const now = String(spec.limits?.[name] ?? runtime.spec.limits[name]);
    if (READ[name](asked) < READ[name](now)) limits[name] = asked;
  }
  return Object.keys(limits).length === 0 ? undefined : limits;
}

function isObject(value: JsonValue): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
