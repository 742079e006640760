import { defaultRuntime } from '../../src/api/defaults.ts';
import { type LimitValues, runtimeLimits } from '../../src/api/limits.ts';

/** The limits of a ScriptRuntime that names none. */
export const LIMITS: LimitValues = runtimeLimits(defaultRuntime('default', 'acme').spec.limits);
/** A runtime's limits after one was raised. */
export const RAISED: LimitValues = { ...LIMITS, memoryBytes: 2 * LIMITS.memoryBytes };
