import { randomUUID } from 'node:crypto';
import { fillContext, tenantKey } from '../../api/defaults.ts';
import { executionLimits, type LimitValues, runtimeLimits } from '../../api/limits.ts';
import type { RunRequest } from '../../api/pod-protocol.ts';
import { type ScriptFiles, scriptLanguage } from '../../api/script-files.ts';
import type { ScriptExecutionLimits, ScriptRuntime } from '../../api/types.generated.ts';
import { refKey } from '../kube/object.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { RunContent } from './run-contents.ts';

/** The request that starts an execution on a pod. */
export function runRequest(
  { metadata }: Pick<ExecutionProjection, 'metadata'>,
  content: RunContent,
  { files, limits }: { readonly files: ScriptFiles; readonly limits: LimitValues },
): RunRequest {
  const { params, context: claimed } = content;
  const spec = claimed === undefined ? {} : { context: claimed };
  const context = fillContext({ metadata, spec }, { requestID: randomUUID() });
  return {
    ...scriptOf(metadata.name, content, files),
    params: params === undefined ? {} : params,
    context,
    tenantKey: tenantKey(metadata.namespace, context.tenant.id),
    limits,
  };
}

/** The script of a request, with what it may import. */
function scriptOf(
  execution: string,
  { source = '', language: given }: RunContent,
  { script, files, imports }: ScriptFiles,
): Pick<RunRequest, 'source' | 'files' | 'imports' | 'language' | 'name'> {
  const name = script?.name ?? `${execution}.${given === 'TypeScript' ? 'ts' : 'js'}`;
  const language = scriptLanguage(name, given);
  const text = script?.text ?? source;
  if (Object.keys(files).length === 0) return { source: text, language, name };
  return { files: { ...files, [name]: text }, imports, language, name };
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
