import { randomUUID } from 'node:crypto';
import { fillContext, tenantKey } from '../../api/defaults.ts';
import { executionLimits, type LimitValues, runtimeLimits } from '../../api/limits.ts';
import type { RunRequest } from '../../api/pod-protocol.ts';
import type { ScriptExecutionLimits, ScriptRuntime } from '../../api/types.generated.ts';
import { refKey } from '../kube/object.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { RunContent } from './run-contents.ts';

/** The request that starts an execution on a pod. */
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
  return runtime && executionLimits(runtimeLimits(runtime.spec.limits), spec.limits).limits;
}
