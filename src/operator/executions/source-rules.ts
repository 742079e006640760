import type { EndReason } from '../../api/outcome.ts';
import { fileReferences, filesExcess, type ScriptFiles } from '../../api/script-files.ts';
import { refKey } from '../../kube/object.ts';
import type { ExecutionProjection } from './execution-projection.ts';

/** Index of executions by the key of their ConfigMap. */
export function sourceKey({ metadata, spec }: ExecutionProjection): string | undefined {
  const [own] = fileReferences(spec.sourceFrom);
  return own === undefined ? undefined : refKey({ namespace: metadata.namespace, name: own.configMap });
}

/** The outcome of an execution whose script cannot be run. */
export interface UnusableSource {
  readonly reason: EndReason;
  readonly message: string;
}

/** Why what was read from ConfigMaps cannot be run; undefined if it can. Pure. */
export function unusableSource(
  { status }: ExecutionProjection,
  { script, files, digest }: ScriptFiles,
): UnusableSource | undefined {
  const { attempts = 0, sourceDigest } = status;
  if (attempts > 0 && sourceDigest !== digest) {
    const message = 'The script in the ConfigMap, or what it may import, has changed since the first attempt.';
    return { reason: 'SourceChanged', message };
  }
  const message = filesExcess({ source: script?.text ?? '', files });
  return message === undefined ? undefined : { reason: 'LimitsRefused', message };
}
