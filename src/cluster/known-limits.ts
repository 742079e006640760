import { type LimitValues, runtimeLimits } from '../api/limits.ts';
import type { ScriptRuntime, ScriptRuntimeLimits } from '../api/types.generated.ts';

/** Objects in a cache do not change: a new version of a runtime is another object. */
const PARSED = new WeakMap<ScriptRuntimeLimits, LimitValues>();

/**
 * A cached ScriptRuntime's limits as numbers. They are parsed once: the operator needs them several times for an execution.
 *
 * @throws FormatError if a limit cannot be parsed, which validation rules out
 */
export function knownLimits({ spec }: Pick<ScriptRuntime, 'spec'>): LimitValues {
  const limits = PARSED.get(spec.limits) ?? runtimeLimits(spec.limits);
  PARSED.set(spec.limits, limits);
  return limits;
}
