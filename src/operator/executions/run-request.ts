import { randomUUID } from 'node:crypto';
import { fillContext, tenantKey } from '../../api/defaults.ts';
import { executionLimits, type LimitValues, runtimeLimits } from '../../api/limits.ts';
import type { RunRequest } from '../../api/pod-protocol.ts';
import type { ScriptExecutionLimits, ScriptRuntime } from '../../api/types.generated.ts';
import { refKey } from '../kube/object.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { RunContent } from './run-contents.ts';

/** What a pod is sent to run an execution. */
export function runRequest(
  { metadata }: Pick<ExecutionProjection, 'metadata'>,
  { language, params, context: claimed }: RunContent,
  { source, limits }: { readonly source: string; readonly limits: LimitValues },
): RunRequest {
  const spec = claimed === undefined ? {} : { context: claimed };
  const context = fillContext({ metadata, spec }, { requestID: randomUUID() });
  return {
    source,
    language,
    name: `${metadata.name}.${language === 'TypeScript' ? 'ts' : 'js'}`,
    params: params === undefined ? {} : params,
    context,
    tenantKey: tenantKey(metadata.namespace, context.tenant.id),
    limits,
  };
}

/** What names the runtime of an execution, whole or as a projection. */
interface WithRuntime {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly runtimeRef: { readonly name: string } };
}

/** Key of the ScriptRuntime that an execution names. */
export const runtimeKeyOf = ({ metadata: { namespace }, spec }: WithRuntime): string =>
  refKey({ namespace, name: spec.runtimeRef.name });

/** What an execution is promised: its runtime's limits, lowered by its own. Undefined where there is no runtime. */
export function limitsOf(
  { spec }: { readonly spec: { readonly limits?: ScriptExecutionLimits } },
  runtime: ScriptRuntime | undefined,
): LimitValues | undefined {
  return runtime && executionLimits(runtimeLimits(runtime.spec.limits), spec.limits).limits;
}
