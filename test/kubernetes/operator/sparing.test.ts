import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiProxy } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted } from './support/journal.ts';
import { names } from './support/names.ts';
import type { OperatorProcess } from './support/operator-process.ts';

/** Writes of an operator that has nothing else to do: from these it knows how long one takes alone. */
const CALM = 10;
const MANY = 150;
const SLOWER_MS = 25;

let cluster: Cluster;
let proxy: ApiProxy;
let operator: OperatorProcess;

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await ApiProxy.start();
  operator = await (await cluster.startOperator({ server: proxy.url })).leads();
  await cluster.makeRuntime('default', { pool: { size: 2, tenantIsolation: 'Isolate' } });
  await cluster.startPod();
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

const create = (name: string, tenant: string) =>
  cluster.executions.create(name, { source: counted(name), context: { tenant: { id: tenant } } });
const pausedSeconds = async (): Promise<number> =>
  (await operator.metrics()).sum('copepod_operator_paused_seconds_total', { for: 'tenant' });

test('where the API server is slow, who has many leaves it to others, and only while there are any', async () => {
  for (const name of names('calm', CALM)) {
    await create(name, 'large');
    await cluster.executions.ended([name]);
  }
  proxy.slownessMs = ({ resource }) => (resource === 'scriptexecutions/status' ? SLOWER_MS : 0);
  const flood = async (prefix: string): Promise<string[]> => {
    await Promise.all(names(prefix, MANY).map((name) => create(name, 'large')));
    return names(prefix, MANY);
  };
  const unseen = await flood('unseen');
  expectOnce(await cluster.executions.ended(unseen, 30_000), cluster.journal);
  expect(await pausedSeconds()).toBe(0);

  const seen = await flood('seen');
  const few = names('few', 5);
  for (const name of few) {
    await create(name, 'small');
    await sleep(300);
  }
  expectOnce(await cluster.executions.ended([...few, ...seen], 30_000), cluster.journal);
  expect(await pausedSeconds()).toBeGreaterThan(0);
}, 90_000);
