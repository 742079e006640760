import type { V1RoleBinding } from '@kubernetes/client-node';
import { isNotFound } from '../../src/kube/api-error.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { defineResource } from '../../src/kube/resource.ts';
import { NAMESPACES, SERVICE_ACCOUNTS } from '../../src/kube/resources.ts';
import type { WireObject } from '../../src/kube/wire-type.ts';
import type { Target } from './target.ts';
import { until } from './until.ts';

const ROLE_BINDINGS = defineResource<RoleBinding>('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings');
type RoleBinding = WireObject<V1RoleBinding>;
const READY_WITHIN_MS = 20_000;
const GONE_WITHIN_MS = 600_000;

export interface NamespaceOptions {
  /** For `raw` the namespace is `bench-raw-` and a random suffix. */
  readonly purpose: string;
  /** Whether the namespace is kept. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs `inside` with the name of a new namespace with Pod Security `restricted`, and deletes it. Resolves when it is
 * gone; after an interrupt, once its deletion has been requested.
 */
export async function inNamespace<T>(
  target: Target,
  { purpose, keep, signal }: NamespaceOptions,
  inside: (namespace: string) => Promise<T>,
): Promise<T> {
  const name = `bench-${purpose}-${Math.random().toString(36).slice(2, 8)}`;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'copepod.dev/bench': purpose };
  try {
    await target.client.create(NAMESPACES, { metadata: { name, labels } }, { signal });
    await target.client.create(ROLE_BINDINGS, userBinding(name), { signal });
    const account = { namespace: name, name: 'default' };
    await until(`the service account of namespace ${name}`, READY_WITHIN_MS, signal, () =>
      target.client.find(SERVICE_ACCOUNTS, account),
    );
    return await inside(name);
  } finally {
    if (keep) process.stderr.write(`\nkept: namespace ${name}\n`);
    else await remove(target, name, signal);
  }
}

/** A client for the user that submits executions in a namespace of `inNamespace`, with ClusterRole `edit`. */
export const userIn = (target: Target, namespace: string): KubeClient => target.as(userName(namespace));

const userName = (namespace: string): string => `${namespace}:user`;

function userBinding(namespace: string): RoleBinding {
  const [apiGroup] = ROLE_BINDINGS.apiVersion.split('/') as [string];
  return {
    metadata: { name: 'bench-user', namespace },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'edit' },
    subjects: [{ apiGroup, kind: 'User', name: userName(namespace) }],
  };
}

async function remove(target: Target, name: string, signal: AbortSignal): Promise<void> {
  try {
    await target.client.delete(NAMESPACES, { name });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  if (signal.aborted) return;
  const isGone = async () => ((await target.client.find(NAMESPACES, { name })) ? undefined : true);
  await until(`the deletion of namespace ${name}`, GONE_WITHIN_MS, signal, isGone);
}
