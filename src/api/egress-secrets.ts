import { isForTenant } from './for-tenant.ts';
import type { EgressRule, SecretKeyReference } from './types.generated.ts';

/** A Secret that a header of an egress rule comes from. */
export interface EgressSecret {
  /** Name of the rule, or its first host. */
  readonly rule: string;
  readonly header: string;
  readonly reference: SecretKeyReference & { readonly kind: 'Secret' };
}

/** The Secrets that rules need, in their order. Pure. @param tenant of an execution; left out: those of all tenants */
export function egressSecrets(rules: readonly EgressRule[] = [], tenant?: string): readonly EgressSecret[] {
  return rules
    .filter((rule) => tenant === undefined || isForTenant(rule, tenant))
    .flatMap(({ name, hosts, headers = [] }) =>
      headers.flatMap(({ name: header, valueFrom }): EgressSecret[] => {
        if (valueFrom === undefined) return [];
        const { name: secret, key } = valueFrom.secretKeyRef;
        return [{ rule: name ?? hosts[0] ?? '', header, reference: { kind: 'Secret', name: secret, key } }];
      }),
    );
}
