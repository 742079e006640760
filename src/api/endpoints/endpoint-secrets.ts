import { keyOf, type ValueReference } from '../env.ts';
import type { ScriptEndpointAuth, SecretKeyReference } from '../types.generated.ts';

/** The key of a Secret that requests of an endpoint are authenticated by; undefined: by none. Pure. */
export const endpointSecret = ({ bearer, webhook }: ScriptEndpointAuth): SecretKeyReference | undefined =>
  bearer?.secretKeyRef ?? webhook?.secretKeyRef;

/**
 * The keys of Secrets that the pods of a runtime are given for its endpoints: once each, and always in the same order, as the order of
 * endpoints means nothing. Pure.
 */
export function endpointSecrets(
  endpoints: Iterable<{ readonly spec: { readonly auth: ScriptEndpointAuth } }>,
): readonly ValueReference[] {
  const references = new Map<string, ValueReference>();
  for (const { spec } of endpoints) {
    const secret = endpointSecret(spec.auth);
    if (secret === undefined) continue;
    const reference = { kind: 'Secret', name: secret.name, key: secret.key } as const;
    references.set(keyOf(reference), reference);
  }
  return [...references.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
