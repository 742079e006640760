import { randomUUID } from 'node:crypto';
import { fillContext, tenantKey } from '../../api/defaults.ts';
import { executionLimits, type LimitValues, runtimeLimits } from '../../api/limits.ts';
import type { RunRequest } from '../../api/pod-protocol.ts';
import type { ScriptExecution, ScriptRuntime } from '../../api/types.generated.ts';
import { refKey } from '../kube/object.ts';

/** What a pod is sent to run an execution: the object whole, and the text of its script. */
export function runRequest(execution: ScriptExecution, source: string, limits: LimitValues): RunRequest {
  const { metadata, spec } = execution;
  const context = fillContext(execution, { requestID: randomUUID() });
  return {
    source,
    language: spec.language,
    name: `${metadata.name}.${spec.language === 'TypeScript' ? 'ts' : 'js'}`,
    params: spec.params === undefined ? {} : spec.params,
    context,
    tenantKey: tenantKey(metadata.namespace, context.tenant.id),
    limits,
  };
}

/** Key of the ScriptRuntime that an execution names. */
export const runtimeKeyOf = ({ metadata: { namespace }, spec }: ScriptExecution): string =>
  refKey({ namespace, name: spec.runtimeRef.name });

/** What an execution may use. A runtime that is gone, or now gives less, changes nothing for a run that was admitted. */
export function limitsOf({ spec }: ScriptExecution, runtime: ScriptRuntime | undefined): LimitValues | undefined {
  return runtime && executionLimits(runtimeLimits(runtime.spec.limits), spec.limits).limits;
}
