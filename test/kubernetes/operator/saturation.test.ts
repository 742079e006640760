import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { counted, gated } from './support/journal.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 1 }, limits: { timeout: '2m' } });
  await cluster.startPod();
}, 60_000);
afterAll(() => cluster?.close());

const conditions = async () => (await cluster.getRuntime('default')).status.conditions ?? [];

test('a runtime whose executions wait for half a minute is Saturated, with advice, for as long as they wait', async () => {
  await cluster.executions.create('holds', { source: gated('holds') });
  await cluster.executions.reaches('holds', 'Running');
  await cluster.executions.create('waits', { source: counted('waits') });
  const waiting = await cluster.executions.reaches('waits', 'Pending');
  const because = waiting.status.conditions?.find(({ type }) => type === 'Succeeded')?.message;
  expect(because).toBe('It waits for a free VM of ScriptRuntime "default".');
  expect((await conditions()).map(({ type }) => type)).not.toContain('Saturated');

  const saturated = await eventually(async () => {
    const found = (await conditions()).find(({ type }) => type === 'Saturated');
    expect(found).toBeDefined();
    return found;
  }, 45_000);
  expect(saturated).toMatchObject({ status: 'True', reason: 'AllBusy' });
  expect(saturated?.message).toContain('Raise spec.replicas');
  expect((await cluster.getRuntime('default')).status.executions).toMatchObject({ running: 1, pending: 1 });

  cluster.journal.open('holds');
  await cluster.executions.reaches('waits', 'Completed');
  await eventually(async () => expect((await conditions()).map(({ type }) => type)).not.toContain('Saturated'));
}, 90_000);
