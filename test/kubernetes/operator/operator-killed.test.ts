import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const EXECUTIONS = 200;
const KILLS = 5;

let cluster: Cluster;
let operator: OperatorProcess;
let pods: RuntimePod[];

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  pods = await Promise.all([cluster.startPod(), cluster.startPod()]);
}, 60_000);
afterAll(() => cluster?.close());

test(`killing the operator ${KILLS} times while ${EXECUTIONS} executions run loses none and runs none twice`, async () => {
  const names = Array.from({ length: EXECUTIONS }, (_, index) => `run-${index}`);
  const all = Promise.all(
    names.map((name) => cluster.executions.create(name, { source: counted(name, 50), params: { name } })),
  );

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = cluster.journal.ran().length;
    // At a random moment, but after some progress.
    await eventually(() => expect(cluster.journal.ran().length).toBeGreaterThan(before));
    await sleep(Math.random() * 300);
    await operator.kill();
    await cluster.forgetLeader();
    operator = await (await cluster.startOperator()).leads();
  }
  await all;

  const ended = await cluster.executions.ended(names, 60_000);
  expectOnce(ended, cluster.journal);
  expect(ended.map(({ status }) => status.result)).toEqual(names.map((name) => ({ name })));
  expect(ended.map(({ status }) => status.attempts)).toEqual(names.map(() => 1));
}, 120_000);

test('at the end no pod keeps an outcome: those recorded but not acknowledged by a killed operator are acknowledged by the next', async () => {
  for (const pod of pods) await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
});
