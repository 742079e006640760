import { executionLimits, type LimitValues } from '../../api/limits.ts';
import type { ScriptExecutionLimits, ScriptRuntime } from '../../api/types.generated.ts';
import { knownLimits } from '../../cluster/known-limits.ts';
import { refKey } from '../../kube/object.ts';

/** The fields that identify the runtime of an execution. */
interface WithRuntime {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly runtimeRef: { readonly name: string } };
}

/** Key of the ScriptRuntime of an execution. */
export const runtimeKeyOf = ({ metadata: { namespace }, spec }: WithRuntime): string =>
  refKey({ namespace, name: spec.runtimeRef.name });

/** The promised limits of an execution: its runtime's, lowered by its own. Undefined without a runtime. */
export function limitsOf(
  { spec }: { readonly spec: { readonly limits?: ScriptExecutionLimits } },
  runtime: ScriptRuntime | undefined,
): LimitValues | undefined {
  return runtime && executionLimits(knownLimits(runtime), spec.limits).limits;
}
