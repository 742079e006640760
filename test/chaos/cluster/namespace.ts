import { until } from '../../../bench/cluster/until.ts';
import type { ScriptRuntime } from '../../../src/api/types.generated.ts';
import { SCRIPT_RUNTIMES } from '../../../src/cluster/resources.ts';
import { NAMESPACES } from '../../../src/kube/resources.ts';
import type { ChaosCluster } from './chaos-cluster.ts';
import { insist, insistOnCreating, insistOnDeleting } from './insist.ts';

const READY_WITHIN_MS = 120_000;
const DROP_WITHIN_MS = 60_000;
const GONE_WITHIN_MS = 300_000;
const RUNTIME = 'default';

export interface RuntimeShape {
  readonly image: string;
  readonly pods: number;
  readonly poolSize: number;
}

/**
 * Runs `inside`, which returns the number of violations, in a namespace with a ready runtime. Keeps the namespace if
 * there are violations or on request. After an error (an interrupt, for example) its deletion is requested without
 * waiting.
 */
export async function inNamespace(
  cluster: ChaosCluster,
  { purpose, keep, ...shape }: RuntimeShape & { readonly purpose: string; readonly keep: boolean },
  signal: AbortSignal,
  inside: (namespace: string) => Promise<number>,
): Promise<number> {
  const name = `chaos-${purpose}-${Math.random().toString(36).slice(2, 7)}`;
  const keeps = (): void => console.log(`kept: namespace ${name}`);
  try {
    await makeNamespace(cluster, name, shape, signal);
    const violations = await inside(name);
    if (violations > 0 || keep) keeps();
    else await removeNamespace(cluster, name, signal);
    return violations;
  } catch (error) {
    if (keep) keeps();
    else await dropNamespace(cluster, name);
    throw error;
  }
}

/** Creates a namespace with Pod Security `restricted` and a ready ScriptRuntime. */
async function makeNamespace(
  cluster: ChaosCluster,
  name: string,
  { image, pods, poolSize }: RuntimeShape,
  signal: AbortSignal,
): Promise<void> {
  const { client } = cluster;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await insistOnCreating(signal, (call) => client.create(NAMESPACES, { metadata: { name, labels } }, call));
  const runtime = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptRuntime',
    metadata: { namespace: name, name: RUNTIME },
    spec: { image, replicas: pods, pool: { size: poolSize } },
  } as unknown as ScriptRuntime;
  await insistOnCreating(signal, (call) => client.create(SCRIPT_RUNTIMES, runtime, call));
  await runtimeReady(cluster, name, signal);
}

/** Resolves when all pods of the namespace's runtime accept executions. */
export async function runtimeReady({ client }: ChaosCluster, namespace: string, signal: AbortSignal): Promise<void> {
  await until('the ScriptRuntime to be ready', READY_WITHIN_MS, signal, async () => {
    const { spec, status } = await insist(signal, (call) =>
      client.get(SCRIPT_RUNTIMES, { namespace, name: RUNTIME }, call),
    );
    const isReady = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
    return isReady && status.readyReplicas === spec.replicas ? true : undefined;
  });
}

/** Requests its deletion, after an interrupt too, without waiting for it. */
async function dropNamespace({ client }: ChaosCluster, name: string): Promise<void> {
  await insistOnDeleting(AbortSignal.timeout(DROP_WITHIN_MS), (call) => client.delete(NAMESPACES, { name }, call));
}

/** Resolves when the namespace and its pods are gone. */
async function removeNamespace({ client }: ChaosCluster, name: string, signal: AbortSignal): Promise<void> {
  await insistOnDeleting(signal, (call) => client.delete(NAMESPACES, { name }, call));
  await until(`the deletion of namespace ${name}`, GONE_WITHIN_MS, signal, () =>
    insist(signal, async (call) => ((await client.find(NAMESPACES, { name }, call)) ? undefined : true)),
  );
}
