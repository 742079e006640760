import {
  type EnvVar,
  envOf,
  keyOf,
  referencesDigest,
  unmetReferences,
  unmetText,
  type ValueReference,
  valueReferences,
} from '../../api/env.ts';
import type { PodValues } from '../../api/pod-protocol.ts';
import type { ScriptRuntimeSpec } from '../../api/types.generated.ts';

/** The values of Secrets and ConfigMaps that an execution needs of its pod. */
export interface NeededValues {
  readonly env: readonly EnvVar[];
  /** What the runtime refers to: a pod with this list has them mounted. */
  readonly references: readonly ValueReference[];
  readonly digest: string;
}

type Reporting = { readonly values?: PodValues };

/**
 * What an execution needs of its pod; undefined if it has all its values without one. Pure.
 *
 * @param own the execution's own variables
 */
export function neededValues(
  spec: Pick<ScriptRuntimeSpec, 'env' | 'egress' | 'tools'>,
  own: readonly EnvVar[] | undefined,
  tenant: string,
): NeededValues | undefined {
  const references = valueReferences(spec);
  const digest = referencesDigest(references);
  if (digest === undefined) return undefined;
  const env = envOf(spec.env, own, tenant).filter(({ valueFrom }) => valueFrom !== undefined);
  return env.length === 0 ? undefined : { env, references, digest };
}

/** Whether a pod has the values that an execution needs. Pure. */
export const hasValues = (pod: Reporting, needed: NeededValues | undefined): boolean =>
  needed === undefined || unmetOn(pod, needed)?.size === 0;

/** Why no pod has the values, as a sentence; undefined if one has. Pure. */
export function valuesProblem(pods: Iterable<Reporting>, needed: NeededValues | undefined): string | undefined {
  if (needed === undefined) return undefined;
  let problem: string | undefined;
  for (const pod of pods) {
    const unmet = unmetOn(pod, needed);
    if (unmet?.size === 0) return undefined;
    if (unmet !== undefined) problem ??= `${unmetText(unmet)}: the execution waits for it.`;
  }
  return problem ?? 'The pods have been started with another env: the execution waits for new pods.';
}

/** What an execution misses on a pod; undefined if the pod was started with other references. */
function unmetOn({ values }: Reporting, { env, references, digest }: NeededValues) {
  if (values?.digest !== digest) return undefined;
  const missing = missingReferences(references, values);
  return unmetReferences(env, (reference) => !missing.has(keyOf(reference)));
}

/** The keys of the references that do not exist on a pod. */
export const missingReferences = (
  references: readonly ValueReference[],
  { missing }: Pick<PodValues, 'missing'>,
): ReadonlySet<string> => new Set(missing.flatMap((index) => references[index] ?? []).map(keyOf));
