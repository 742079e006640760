import type { V1RoleBinding } from '@kubernetes/client-node';
import { defineResource } from '../../src/kube/resource.ts';
import { SECRETS, SERVICE_ACCOUNTS } from '../../src/kube/resources.ts';
import type { WireObject } from '../../src/kube/wire-type.ts';
import type { Target } from '../cluster/target.ts';
import { until } from '../cluster/until.ts';

const ROLE_BINDINGS = defineResource<RoleBinding>('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings');
type RoleBinding = WireObject<V1RoleBinding>;
const NAME = 'caller';
const TOKEN_WITHIN_MS = 30_000;

/** Makes a service account that may create executions in the namespace, and returns its token. */
export async function callerToken({ client }: Target, namespace: string, signal: AbortSignal): Promise<string> {
  const metadata = { name: NAME, namespace };
  const [apiGroup] = ROLE_BINDINGS.apiVersion.split('/') as [string];
  await client.create(SERVICE_ACCOUNTS, { metadata }, { signal });
  await client.create(
    ROLE_BINDINGS,
    {
      metadata,
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'copepod-edit' },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    },
    { signal },
  );
  const annotations = { 'kubernetes.io/service-account.name': NAME };
  const secret = { metadata: { ...metadata, annotations }, type: 'kubernetes.io/service-account-token' };
  await client.create(SECRETS, secret, { signal });
  return until('the token of a service account', TOKEN_WITHIN_MS, signal, async () => {
    const token = (await client.get(SECRETS, metadata)).data?.token;
    return token === undefined ? undefined : Buffer.from(token, 'base64').toString();
  });
}
