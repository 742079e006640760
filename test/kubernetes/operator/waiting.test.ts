import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { conditionOf, reasonOf } from './support/executions.ts';
import { counted, gated } from './support/journal.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  await cluster.startPod();
}, 60_000);
afterAll(() => cluster?.close());

async function makeConfigMap(name: string, { labels = {}, data }: { labels?: object; data: object }): Promise<void> {
  const { namespace } = cluster;
  await cluster.api.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { ...labels } },
    data,
  });
}

describe('an execution has the reason it waits for, and continues once it is resolved:', () => {
  test('a missing runtime, then a missing pod', async () => {
    await cluster.executions.create('early', { runtimeRef: { name: 'later' }, source: counted('early') });
    const waiting = await cluster.executions.reaches('early', 'RuntimeNotFound');
    expect(conditionOf(waiting, 'Succeeded')?.message).toContain('"later"');
    expect(conditionOf(waiting, 'Reconciling')?.status).toBe('True');

    await cluster.makeRuntime('later', { pool: { size: 1 } });
    await cluster.executions.reaches('early', 'RuntimeNotReady');
    await cluster.startPod('later');
    const { status } = await cluster.executions.reaches('early', 'Completed');
    expect(status.conditions?.map(({ type }) => type)).not.toContain('Reconciling');
  });

  test('a missing ConfigMap, label, or key', async () => {
    const sourceFrom = { configMapKeyRef: { name: 'scripts', key: 'main.js' } };
    const source = { 'main.js': counted('from-config-map') };
    const label = { 'copepod.dev/source': 'true' };
    await cluster.executions.create('from-config-map', { sourceFrom });
    const waiting = await cluster.executions.reaches('from-config-map', 'SourceNotFound');
    expect(conditionOf(waiting, 'Succeeded')?.message).toContain('"scripts"');

    await makeConfigMap('scripts', { data: source });
    await sleep(500);
    expect(reasonOf(await cluster.executions.get('from-config-map'))).toBe('SourceNotFound');
    await makeConfigMap('scripts', { labels: label, data: { 'other.js': '1' } });
    await sleep(500);
    expect(reasonOf(await cluster.executions.get('from-config-map'))).toBe('SourceNotFound');
    await makeConfigMap('scripts', { labels: label, data: source });
    await cluster.executions.reaches('from-config-map', 'Completed');
    expect(cluster.journal.runsOf('from-config-map')).toBe(1);
  });

  test('no free VM', async () => {
    for (const name of ['holds-1', 'holds-2']) await cluster.executions.create(name, { source: gated(name) });
    await eventually(() => expect(cluster.journal.ran()).toEqual(expect.arrayContaining(['holds-1', 'holds-2'])));
    await cluster.executions.create('queued', { source: counted('queued') });
    await cluster.executions.reaches('queued', 'Pending');

    cluster.journal.open('holds-1');
    await cluster.executions.reaches('queued', 'Completed');
    cluster.journal.open('holds-2');
    await cluster.executions.reaches('holds-2', 'Completed');
  });

  test('suspended', async () => {
    await cluster.executions.create('asleep', { source: counted('asleep'), suspend: true });
    const suspended = await cluster.executions.reaches('asleep', 'Suspended');
    expect(conditionOf(suspended, 'Stalled')?.status).toBe('True');
    expect(conditionOf(suspended, 'Reconciling')).toBeUndefined();

    await cluster.executions.patch('asleep', { spec: { suspend: false } });
    await cluster.executions.reaches('asleep', 'Completed');
  });
});

describe('startingDeadlineSeconds', () => {
  test('finishes an execution that has not started by then, permanently', async () => {
    const runtimeRef = { name: 'much-later' };
    await cluster.executions.create('late', { runtimeRef, source: counted('late'), startingDeadlineSeconds: 1 });
    await cluster.executions.create('patient', { runtimeRef, source: counted('patient') });
    const { status } = await cluster.executions.reaches('late', 'DeadlineExceeded');
    expect(status).toMatchObject({ attempts: 0 });
    expect(status.error).toBeUndefined();

    await cluster.makeRuntime('much-later', { pool: { size: 1 } });
    await cluster.startPod('much-later');
    await cluster.executions.reaches('patient', 'Completed');
    expect(cluster.journal.runsOf('late')).toBe(0);
  });

  test('does not expire while the execution is suspended or running', async () => {
    const spec = { source: gated('slow'), startingDeadlineSeconds: 2, suspend: true };
    await cluster.executions.create('slow', spec);
    await cluster.executions.reaches('slow', 'Suspended');
    await sleep(2500);
    await cluster.executions.patch('slow', { spec: { suspend: false } });
    await cluster.executions.reaches('slow', 'Running');
    await sleep(2500);
    cluster.journal.open('slow');
    await cluster.executions.reaches('slow', 'Completed');
  });
});
