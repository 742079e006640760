import { until } from '../../../bench/cluster/until.ts';
import { defineResource } from '../../../src/kube/resource.ts';
import { DEPLOYMENTS, PODS, type Pod } from '../../../src/kube/resources.ts';
import { type ChaosCluster, OPERATOR, OPERATOR_PODS } from './chaos-cluster.ts';
import { insist } from './insist.ts';

const READY_WITHIN_MS = 120_000;

/** The subresource `scale` of a Deployment. */
interface Scale {
  metadata: { name: string; namespace?: string; resourceVersion?: string };
  spec: { replicas: number };
}

const SCALES = defineResource<Scale>('apps/v1', 'Deployment', DEPLOYMENTS.plural);

/** Runs `inside` with this many operators, and restores the previous number. */
export async function withOperators<T>(
  cluster: ChaosCluster,
  replicas: number,
  signal: AbortSignal,
  inside: () => Promise<T>,
): Promise<T> {
  const before = await scale(cluster, replicas, signal);
  try {
    await operatorsReady(cluster, replicas, signal);
    return await inside();
  } finally {
    const always = AbortSignal.timeout(READY_WITHIN_MS);
    await scale(cluster, before, always);
    await operatorsReady(cluster, before, always);
  }
}

/** Resolves when exactly this many operators exist, all are ready, and one leads. */
export async function operatorsReady(cluster: ChaosCluster, replicas: number, signal: AbortSignal): Promise<Pod[]> {
  return await until(`${replicas} operators to be ready`, READY_WITHIN_MS, signal, async () => {
    const pods = await operatorPods(cluster, signal);
    const isWell = pods.length === replicas && pods.every(isReady);
    return isWell && pods.some(({ metadata: { name } }) => name === cluster.leader) ? pods : undefined;
  });
}

async function operatorPods(cluster: ChaosCluster, signal: AbortSignal): Promise<Pod[]> {
  return (await insist(signal, (call) => cluster.client.list(PODS, { ...OPERATOR_PODS, ...call }))).items;
}

function isReady({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp) return false;
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** Returns the previous number of replicas. */
async function scale({ client }: ChaosCluster, replicas: number, signal: AbortSignal): Promise<number> {
  return await insist(signal, async (call) => {
    const found = await client.get(SCALES, OPERATOR, { ...call, subresource: 'scale' });
    await client.replace(SCALES, { ...found, spec: { replicas } }, { ...call, subresource: 'scale' });
    return found.spec.replicas;
  });
}
