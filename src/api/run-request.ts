import { randomUUID } from 'node:crypto';
import { fillContext, tenantKey } from './defaults.ts';
import type { LimitValues } from './limits.ts';
import type { RunRequest } from './pod-protocol.ts';
import { type ScriptFiles, scriptLanguage } from './script-files.ts';
import type { ScriptExecutionSpec } from './types.generated.ts';

/** The fields of a `spec` that determine what is run, without files. */
export type RunContent = Pick<ScriptExecutionSpec, 'language' | 'source' | 'params' | 'context'>;

/** The request that starts an execution on a pod. */
export function runRequest(
  { metadata }: { readonly metadata: { readonly name: string; readonly namespace: string; readonly uid?: string } },
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
