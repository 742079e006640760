import type { ScriptRuntime } from '../../api/types.generated.ts';

/** What the operator keeps of a runtime: all but who has written which field. */
export type KnownRuntime = ScriptRuntime;

/** Takes from an object what is kept of it. */
export function knownRuntime({ metadata, ...runtime }: ScriptRuntime): KnownRuntime {
  const { managedFields: _, ...kept } = metadata as ScriptRuntime['metadata'] & { managedFields?: unknown };
  return { ...runtime, metadata: kept };
}
