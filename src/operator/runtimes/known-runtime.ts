import type { ScriptRuntime } from '../../api/types.generated.ts';

/** What the operator keeps of a runtime: all but who has written which field. */
export type KnownRuntime = ScriptRuntime;
