import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KubeObject } from '../../api-server/client.ts';
import { always, eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';
const HELD = ['held-1', 'held-2'];

let cluster: Cluster;
let operator: OperatorProcess;
let pods: RuntimePod[];
/** The pods with held executions, and the idle ones. */
let busy: string[];
let idle: string[];

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { replicas: 4, pool: { size: 1 } });
  pods = await Promise.all([1, 2, 3, 4].map(() => cluster.startPod()));
  await eventually(async () => expect((await condition())?.message).toBe('4 of 4 pods accept executions.'));
  for (const name of HELD) await cluster.executions.create(name, { source: gated(name) });
  await eventually(() => expect(cluster.journal.ran().sort()).toEqual(HELD));
  busy = await Promise.all(HELD.map(async (name) => (await cluster.executions.get(name)).status.claim?.podName ?? ''));
  idle = pods.map(({ name }) => name).filter((name) => !busy.includes(name));
}, 60_000);
afterAll(() => cluster?.close());

const condition = async () =>
  (await cluster.getRuntime('default')).status.conditions?.find(({ type }) => type === 'Ready');

/** Like `kubectl scale` and a HorizontalPodAutoscaler. */
async function scale(replicas: number): Promise<void> {
  await cluster.api.request(
    'PATCH',
    `/apis/copepod.dev/v1alpha1/namespaces/${cluster.namespace}/scriptruntimes/default/scale`,
    { spec: { replicas } },
    'application/merge-patch+json',
  );
}

async function deployed(): Promise<number | undefined> {
  const metadata = { name: 'copepod-default', namespace: cluster.namespace };
  const found = await cluster.api.get({ apiVersion: 'apps/v1', kind: 'Deployment', metadata });
  return (found.spec as { replicas?: number }).replicas;
}

/** The pods with a deletion cost, and its value. */
async function costs(): Promise<Record<string, string | undefined>> {
  const { items } = await cluster.api.request<{ items: KubeObject[] }>(
    'GET',
    `/api/v1/namespaces/${cluster.namespace}/pods`,
  );
  const costly = items.filter(({ metadata }) => metadata.annotations?.[COST] !== undefined);
  return Object.fromEntries(costly.map(({ metadata }) => [metadata.name, metadata.annotations?.[COST]]));
}

const LEAST = '-2147483648';

test('idle pods are marked and removed at once, although others are busy', async () => {
  await scale(2);
  await eventually(async () => expect(await deployed()).toBe(2));
  expect(await costs()).toEqual(Object.fromEntries(idle.map((name) => [name, LEAST])));
  expect((await condition())?.message).toBe('2 of 2 pods accept executions.');
});

test('they get no new runs, including from the next leader', async () => {
  await operator.kill();
  await cluster.forgetLeader();
  operator = await (await cluster.startOperator()).leads();
  await cluster.executions.create('waits', { source: counted('waits') });
  await cluster.executions.reaches('waits', 'Pending');
  expect(await deployed()).toBe(2);
  expect(cluster.journal.runsOf('waits')).toBe(0);
});

test('they serve again when scaled up, with their previous deletion cost', async () => {
  await scale(4);
  const { status } = await cluster.executions.reaches('waits', 'Completed');
  expect(idle).toContain(status.claim?.podName);
  await eventually(async () => expect(await costs()).toEqual({}));
  expect(await deployed()).toBe(4);
});

test('a busy pod is removed once it is idle', async () => {
  for (const pod of pods.filter(({ name }) => idle.includes(name))) await pod.terminate();
  await scale(2);
  await eventually(async () => expect(await deployed()).toBe(2));

  await scale(1);
  await eventually(async () => expect((await condition())?.message).toBe('1 of 1 pods accept executions.'));
  await always(async () => expect([await deployed(), await costs()]).toEqual([2, {}]), 1000);
  for (const name of HELD) cluster.journal.open(name);
  expectOnce(await cluster.executions.ended(HELD), cluster.journal);
  await eventually(async () => expect(await deployed()).toBe(1));
  const [marked] = Object.keys(await costs());
  expect(busy).toContain(marked);
  // The other pod runs all of them.
  const names = Array.from({ length: 8 }, (_, index) => `later-${index}`);
  for (const name of names) await cluster.executions.create(name, { source: counted(name) });
  const ended = await cluster.executions.ended(names);
  expect(ended.filter(({ status }) => status.claim?.podName === marked)).toEqual([]);
});
