import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { ApiProxy, EXPIRED } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { reasonOf } from './support/executions.ts';
import { counted, gated } from './support/journal.ts';
import type { Metrics } from './support/metrics.ts';
import type { OperatorProcess } from './support/operator-process.ts';

/** More than one page of the operator's lists. */
const MANY = 130;

let cluster: Cluster;
let proxy: ApiProxy;
let operator: OperatorProcess;
let before: Metrics;

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await ApiProxy.start();
  operator = await (await cluster.startOperator({ server: proxy.url })).leads();
  await cluster.makeRuntime('default', { pool: { size: 4 } });
  await cluster.startPod();
}, 60_000);
beforeEach(async () => {
  before = await operator.metrics();
});
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

/** The increase of a metric of the executions' cache since the start of the test. */
async function grown(name: string, labels: object): Promise<number> {
  const all = { resource: 'scriptexecutions', ...labels };
  return (await operator.metrics()).sum(name, all) - before.sum(name, all);
}

describe('an operator whose watch expires', () => {
  test('lists again, and notices created, deleted and replaced objects', async () => {
    for (const name of ['survivor', 'doomed', 'replaced'])
      await cluster.executions.create(name, { source: gated(name) });
    await eventually(() => expect(cluster.journal.ran().sort()).toEqual(['doomed', 'replaced', 'survivor']));
    proxy.loseEvents(true);
    await cluster.executions.delete('doomed');
    await cluster.executions.delete('replaced');
    await cluster.executions.create('replaced', { source: counted('replacement') });
    await cluster.executions.create('newcomer', { source: counted('newcomer') });
    await sleep(1500);
    expect(cluster.journal.wasStoppedAt('doomed')).toBe(false);
    expect(reasonOf(await cluster.executions.get('newcomer'))).not.toBe('Completed');
    const age = (await operator.metrics()).sum('reflector_last_event_age_seconds', { resource: 'scriptexecutions' });
    expect(age).toBeGreaterThan(1);
    proxy.loseEvents(false);
    proxy.expireWatches();

    await eventually(() => {
      expect(cluster.journal.wasStoppedAt('doomed')).toBe(true);
      expect(cluster.journal.wasStoppedAt('replaced')).toBe(true);
    });
    cluster.journal.open('survivor');
    expectOnce(await cluster.executions.ended(['survivor', 'newcomer']), cluster.journal);
    await cluster.executions.reaches('replaced', 'Completed');
    expect(cluster.journal.runsOf('replacement')).toBe(1);
    expect(await grown('reflector_watches_total', { result: 'expired' })).toBe(1);
    expect(await grown('reflector_lists_total', { result: 'success' })).toBe(1);
  });

  test('lists without pages if a page expires too', async () => {
    const names = Array.from({ length: MANY }, (_, index) => `long-${index}`);
    await Promise.all(names.map((name) => cluster.executions.create(name, { source: counted(name), suspend: true })));
    proxy.requests.length = 0;
    proxy.trouble = ({ url }) => (url.searchParams.has('continue') ? EXPIRED : undefined);
    proxy.loseEvents(true);
    await Promise.all(names.map((name) => cluster.executions.patch(name, { spec: { suspend: false } })));
    proxy.loseEvents(false);
    proxy.expireWatches();

    expectOnce(await cluster.executions.ended(names, 30_000), cluster.journal);
    proxy.trouble = () => undefined;
    expect(proxy.requests.filter(({ status }) => status === 410)).toHaveLength(1);
    expect(await grown('reflector_lists_total', { result: 'success' })).toBe(1);
    expect(await grown('reflector_lists_total', { result: 'error' })).toBe(0);
  }, 60_000);

  test('retries watches with back-off if every watch breaks, without lists, and misses nothing', async () => {
    proxy.requests.length = 0;
    const cutting = setInterval(() => proxy.cutWatches(), 20);
    const names = Array.from({ length: 10 }, (_, index) => `cut-${index}`);
    for (const name of names) await cluster.executions.create(name, { source: counted(name) });
    await sleep(4000);
    clearInterval(cutting);
    const watches = proxy.requests.filter(({ isWatch, resource }) => isWatch && resource === 'scriptexecutions');
    expect(watches.length).toBeLessThan(15);

    expectOnce(await cluster.executions.ended(names), cluster.journal);
    expect(await grown('reflector_watches_total', { result: 'error' })).toBeGreaterThan(2);
    expect(await grown('reflector_lists_total', { result: 'success' })).toBe(0);
  });
});
