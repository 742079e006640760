import { keyOf, referenceOf, unmetReferences, type ValueReference } from '../../api/env.ts';
import { fieldError } from '../../api/field-path.ts';
import type { ManifestDocument } from '../../api/manifest.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import { executionEnv } from '../input/env-values.ts';
import type { Task } from '../input/workload.ts';

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
