import { quantityNanos } from '../../../api/quantity.ts';
import type { ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import { knownPod } from '../../../cluster/pods/known-pod.ts';
import { RUNTIME_LABEL } from '../../../cluster/pods/pod-template.ts';
import { SCRIPT_RUNTIMES } from '../../../cluster/resources.ts';
import { isForbidden } from '../../../kube/api-error.ts';
import { PODS, RESOURCE_QUOTAS, type ResourceQuota } from '../../../kube/resources.ts';
import type { Cluster } from '../cluster.ts';
import type { PodView, Situation, UsedUpQuota } from './situation.ts';

/** Reads what explains an execution, as far as the user may. */
export async function gather(cluster: Cluster, execution: ScriptExecution): Promise<Situation> {
  const { client, namespace } = cluster;
  const { name } = execution.spec.runtimeRef;
  const [runtime, pods, quotas] = await Promise.all([
    orUnknown(client.find(SCRIPT_RUNTIMES, { name, namespace })),
    orUnknown(podsOf(cluster, name)),
    orUnknown(usedUpQuotas(cluster)),
  ]);
  const runtimeNames = runtime === undefined ? await namesOf(cluster) : [];
  return {
    execution,
    runtime: runtime as ScriptRuntime | 'unknown' | undefined,
    runtimeNames,
    pods,
    quotas,
    now: client.now(),
  };
}

async function orUnknown<T>(answer: Promise<T>): Promise<T | 'unknown'> {
  return await answer.catch((error: unknown) => {
    if (isForbidden(error)) return 'unknown' as const;
    throw error;
  });
}

async function podsOf({ client, namespace }: Cluster, runtime: string): Promise<PodView[]> {
  const labelSelector = `${RUNTIME_LABEL}=${runtime}`;
  const { items } = await client.list(PODS, { namespace, labelSelector, map: knownPod });
  return items
    .filter(({ isTerminal }) => !isTerminal)
    .map(({ metadata, standing, trouble }) => ({
      name: metadata.name,
      isReady: standing === 'ready',
      isEnding: metadata.deletionTimestamp !== undefined,
      trouble,
    }));
}

async function usedUpQuotas({ client, namespace }: Cluster): Promise<UsedUpQuota[]> {
  const { items } = await client.list(RESOURCE_QUOTAS, { namespace });
  return items.flatMap(usedUp);
}

/** The resources of which nothing is left. Pure. */
export function usedUp({ metadata, status }: ResourceQuota): UsedUpQuota[] {
  const { hard = {}, used = {} } = status ?? {};
  return Object.entries(hard).flatMap(([resource, limit]) => {
    const amount = used[resource];
    const [is, may] = [quantityNanos(amount ?? ''), quantityNanos(limit)];
    if (amount === undefined || is === undefined || may === undefined || is < may) return [];
    return [{ name: metadata.name, resource, used: amount, hard: limit }];
  });
}

const namesOf = async ({ client, namespace }: Cluster): Promise<string[]> =>
  (await client.listMetadata(SCRIPT_RUNTIMES, { namespace })).map(({ name }) => name);
