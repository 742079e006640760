import { randomUUID } from 'node:crypto';
import { fillContext, tenantKey } from './defaults.ts';
import { envOf } from './env.ts';
import type { LimitValues } from './limits.ts';
import type { RunRequest, ScriptToCompile } from './pod-protocol.ts';
import { type ScriptFiles, scriptLanguage } from './script-files.ts';
import type { ScriptExecutionSpec, ScriptRuntimeSpec } from './types.generated.ts';

/** The fields of a `spec` that determine what is run, without files. */
export type RunContent = Pick<ScriptExecutionSpec, 'language' | 'source' | 'params' | 'context' | 'env'>;

/**
 * The request that starts an execution on a pod.
 *
 * @param given.env the variables of its runtime
 * @param given.traceparent trace context of the span that asks for it
 */
export function runRequest(
  { metadata }: { readonly metadata: { readonly name: string; readonly namespace: string; readonly uid?: string } },
  content: RunContent,
  {
    files,
    limits,
    env: ofRuntime,
    traceparent,
  }: {
    readonly files: ScriptFiles;
    readonly limits: LimitValues;
    readonly env: ScriptRuntimeSpec['env'];
    readonly traceparent?: string | undefined;
  },
): RunRequest {
  const { params, context: claimed, env: own } = content;
  const spec = claimed === undefined ? {} : { context: claimed };
  const context = fillContext({ metadata, spec }, { requestID: claimed?.requestID ?? randomUUID() });
  const env = envOf(ofRuntime, own, context.tenant.id);
  return {
    ...scriptOf(metadata.name, content, files),
    params: params === undefined ? {} : params,
    context,
    ...(env.length === 0 ? {} : { env }),
    tenantKey: tenantKey(metadata.namespace, context.tenant.id),
    limits,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/**
 * A script, with what it may import.
 * @param object name of what has it: its file's name, unless that is a key of a ConfigMap
 */
export function scriptOf(
  object: string,
  { source = '', language: given }: Pick<RunContent, 'source' | 'language'>,
  { script, files, imports }: ScriptFiles,
): ScriptToCompile {
  const name = script?.name ?? `${object}.${given === 'TypeScript' ? 'ts' : 'js'}`;
  const language = scriptLanguage(name, given);
  const text = script?.text ?? source;
  if (Object.keys(files).length === 0) return { source: text, language, name };
  return { files: { ...files, [name]: text }, imports, language, name };
}
