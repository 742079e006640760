import { hash } from 'node:crypto';
import { canonicalJson } from './digest.ts';
import { egressSecrets } from './egress-secrets.ts';
import { isForTenant } from './for-tenant.ts';
import type { EnvVarSource, ScriptRuntimeEnv, ScriptRuntimeSpec } from './types.generated.ts';

/** A variable of a script in the shape of Kubernetes' EnvVar: `env.NAME`. */
export interface EnvVar {
  readonly name: string;
  /** Empty where neither it nor `valueFrom` is set. */
  readonly value?: string;
  readonly valueFrom?: EnvVarSource;
}

/** A key of a Secret or ConfigMap with a value. */
export interface ValueReference {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly key: string;
}

/** Maximum size of an execution's `env` as JSON, in bytes. */
export const MAX_ENV_BYTES = 256 << 10;

/** Maximum number of variables of an execution: those of its runtime and its own. */
export const MAX_ENV_VARS = 128;

/** Where the kubelet mounts the values that a runtime refers to. */
export const VALUES_DIRECTORY = '/var/run/copepod/values';

const FOLDERS = { Secret: 'secrets', ConfigMap: 'configmaps' } as const;

/** Path of a value in the directory of values. */
export const valuePath = ({ kind, name, key }: ValueReference): string => `${FOLDERS[kind]}/${name}/${key}`;

/** A reference in words: `Secret "crm" with key "token"`. */
export const referenceText = ({ kind, name, key }: ValueReference): string => `${kind} "${name}" with key "${key}"`;

/** What a variable refers to; undefined if it has its value. */
export function referenceOf({ valueFrom }: EnvVar): (ValueReference & { optional: boolean }) | undefined {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  const reference = secretKeyRef ?? configMapKeyRef;
  if (reference === undefined) return undefined;
  const { name, key, optional = false } = reference;
  return { kind: secretKeyRef === undefined ? 'ConfigMap' : 'Secret', name, key, optional };
}

/**
 * The variables of an execution, in the order in which their values are laid over each other: those of its runtime for
 * its tenant, then its own. Left out is what a later one replaces in any case. Pure.
 */
export function envOf(
  runtime: readonly ScriptRuntimeEnv[] = [],
  own: readonly EnvVar[] = [],
  tenant: string,
): readonly EnvVar[] {
  const given = runtime
    .filter((variable) => isForTenant(variable, tenant))
    .map(({ tenants: _, ...variable }) => variable);
  const decided = new Set<string>();
  const needed = [...given, ...own].reverse().filter((variable) => {
    if (decided.has(variable.name)) return false;
    // Where an optional value is missing, the variable before it counts.
    if (referenceOf(variable)?.optional !== true) decided.add(variable.name);
    return true;
  });
  return needed.reverse();
}

/**
 * What keeps an execution with these variables from starting: by the name of the variable, the value that it refers to and
 * that does not exist. Pure.
 */
export function unmetReferences(
  env: readonly EnvVar[],
  exists: (reference: ValueReference) => boolean,
): ReadonlyMap<string, ValueReference> {
  const unmet = new Map<string, ValueReference>();
  for (const variable of env) {
    const { optional, ...reference } = referenceOf(variable) ?? {};
    if (optional === undefined || exists(reference as ValueReference)) unmet.delete(variable.name);
    else if (!optional) unmet.set(variable.name, reference as ValueReference);
  }
  return unmet;
}

/** The same in words: `env.TOKEN: Secret "crm" with key "token" does not exist`. */
export const unmetText = (unmet: ReadonlyMap<string, ValueReference>): string =>
  [...unmet].map(([name, reference]) => `env.${name}: ${referenceText(reference)} does not exist`).join('; ');

/** What a runtime's pods are given values of. */
type ReferringSpec = Pick<ScriptRuntimeSpec, 'env' | 'egress' | 'tools'>;

/** Every value that a runtime refers to, once each, in the order of its spec: what the kubelet mounts. Pure. */
export function valueReferences({ env = [], egress, tools = [] }: ReferringSpec): readonly ValueReference[] {
  const secrets = egressSecrets(egress).map(({ reference }) => reference);
  const documents = tools.flatMap(({ openAPI }): ValueReference[] => {
    const { configMapKeyRef } = openAPI ?? {};
    return configMapKeyRef === undefined ? [] : [{ kind: 'ConfigMap', ...configMapKeyRef }];
  });
  const references = [
    ...env.flatMap((variable): ValueReference[] => [referenceOf(variable) ?? []].flat()),
    ...secrets,
    ...documents,
  ];
  return [
    ...new Map(references.map(({ kind, name, key }) => [keyOf({ kind, name, key }), { kind, name, key }])).values(),
  ];
}

/** Identifies a reference. No name and no key contains a slash. */
export const keyOf = (reference: ValueReference): string => valuePath(reference);

/** Digest of a list of references; undefined of none. A pod that reports it has all of them mounted. */
export const referencesDigest = (references: readonly ValueReference[]): string | undefined =>
  references.length === 0 ? undefined : hash('sha256', canonicalJson(references.map(keyOf))).slice(0, 16);
