import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const MANY = Array.from({ length: 120 }, (_, index) => `run-${index}`);

let cluster: Cluster;
let first: OperatorProcess;
let second: OperatorProcess;
let pods: RuntimePod[];

beforeAll(async () => {
  cluster = await Cluster.create();
  first = await (await cluster.startOperator()).leads();
  second = await cluster.startOperator();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  pods = await Promise.all([cluster.startPod(), cluster.startPod()]);
}, 60_000);
afterAll(() => cluster?.close());

test('a leader that is paused beyond its lease is replaced, and does no harm when it resumes', async () => {
  await cluster.executions.create('held', { source: gated('held') });
  const created = Promise.all(MANY.map((name) => cluster.executions.create(name, { source: counted(name, 50) })));
  await eventually(() => expect(cluster.journal.ran().length).toBeGreaterThan(20));
  first.signal('SIGSTOP');
  await created;
  await second.leads();
  // While the second leader is working, with requests of the first still open.
  first.signal('SIGCONT');
  cluster.journal.open('held');

  expectOnce(await cluster.executions.ended(['held', ...MANY], 40_000), cluster.journal);
  await first.logged('stopped leading');
  for (const pod of pods) await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
}, 90_000);

test('the resumed operator leads again at once when the other shuts down', async () => {
  const leads = (): number => first.log.filter(({ message }) => message === 'became leader').length;
  expect(leads()).toBe(1);
  expect(await second.end()).toBe(0);
  await eventually(() => expect(leads()).toBe(2), 10_000);

  await cluster.executions.create('after', { source: counted('after') });
  expectOnce([await cluster.executions.reaches('after', 'Completed')], cluster.journal);
});
