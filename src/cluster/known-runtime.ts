import type { ScriptRuntime } from '../api/types.generated.ts';

/** The cached part of a runtime: everything except managed fields. */
export type KnownRuntime = ScriptRuntime;
