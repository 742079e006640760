import type { ConfigMap } from '../../api/config-map.ts';
import { tenantOf } from '../../api/defaults.ts';
import { type EnvVar, envOf, keyOf, referenceOf, unmetReferences, type ValueReference } from '../../api/env.ts';
import { fieldError } from '../../api/field-path.ts';
import type { ManifestDocument } from '../../api/manifest.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import { type Secret, secretTexts } from '../../api/secret.ts';
import type { ScriptExecution, ScriptRuntime } from '../../api/types.generated.ts';
import { GivenValues } from '../../runtime/env/value-source.ts';
import type { Task } from './workload.ts';

/** The values of a namespace's Secrets and ConfigMaps in the files. */
export function valuesIn(
  namespace: string,
  objects: Iterable<ManifestDocument<Secret> | ManifestDocument<ConfigMap>>,
): GivenValues {
  const secrets: Record<string, Record<string, string>> = {};
  const configMaps: Record<string, Record<string, string>> = {};
  for (const { object } of objects) {
    const { name, namespace: of } = object.metadata;
    if (of !== namespace) continue;
    if (object.kind === 'Secret') secrets[name] = secretTexts(object);
    else configMaps[name] = object.data;
  }
  return new GivenValues({ secrets, configMaps });
}

/** The variables of an execution. */
export const executionEnv = (runtime: ScriptRuntime, execution: ScriptExecution): readonly EnvVar[] =>
  envOf(runtime.spec.env, execution.spec.env, tenantOf(execution));

/** What tasks need of their runtime's env, and the files do not hold. */
export function envProblems(
  { object, origin }: ManifestDocument<ScriptRuntime>,
  tasks: readonly Task[],
): ManifestProblem[] {
  const unmet = tasks.flatMap(({ execution, runtime, values }) => {
    if (runtime !== object) return [];
    const exists = (reference: ValueReference): boolean => values.read(reference) !== undefined;
    return [...unmetReferences(executionEnv(object, execution), exists).values()];
  });
  const missing = new Set(unmet.map(keyOf));
  return (object.spec.env ?? []).flatMap((variable, index) => {
    const reference = referenceOf(variable);
    if (reference === undefined || reference.optional || !missing.has(keyOf(reference))) return [];
    const { kind, name, key } = reference;
    const at = ['spec', 'env', index, 'valueFrom', kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef'];
    const message = `${kind} ${object.metadata.namespace}/${name} with key ${key} is not in the files given`;
    const hint = `add a manifest of it, or let env.${variable.name} be missing with optional: true`;
    return [origin.problem(fieldError([...at, 'key'], message, hint))];
  });
}
