import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const HELD = ['held-1', 'held-2'];
const WAITING = Array.from({ length: 12 }, (_, index) => `waiting-${index}`);
const LATER = Array.from({ length: 12 }, (_, index) => `later-${index}`);

let cluster: Cluster;
let operator: OperatorProcess;
let old: RuntimePod;
let fresh: RuntimePod;
/** All observed values of the runtime's total. */
const totals: number[] = [];
let isOver = false;
let sampling: Promise<void>;

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  old = await cluster.startPod();
  sampling = sample();
}, 60_000);
afterAll(() => cluster?.close());

async function sample(): Promise<void> {
  for (; !isOver; await sleep(100)) {
    const { executions } = (await cluster.getRuntime('default')).status;
    totals.push(executions?.total ?? 0);
  }
}

/** The counters in the runtime's status. */
async function counts(): Promise<object | undefined> {
  const { total, succeeded, errors, running, pending } = (await cluster.getRuntime('default')).status.executions ?? {};
  return { total, succeeded, errors, running, pending };
}

describe('a pod that is deleted while it runs scripts', () => {
  test('finishes them; waiting and later executions run elsewhere: none fails, none uses another attempt', async () => {
    for (const name of HELD) await cluster.executions.create(name, { source: gated(name) });
    await eventually(() => expect(cluster.journal.ran().sort()).toEqual(HELD));
    for (const name of WAITING) await cluster.executions.create(name, { source: counted(name) });
    fresh = await cluster.startPod();

    const code = old.terminate();
    for (const name of LATER) await cluster.executions.create(name, { source: counted(name) });
    const elsewhere = await cluster.executions.ended([...WAITING, ...LATER]);
    expectOnce(elsewhere, cluster.journal);
    expect(old.process.isAlive).toBe(true);
    for (const name of HELD) cluster.journal.open(name);
    const held = await cluster.executions.ended(HELD);

    expectOnce(held, cluster.journal);
    expect(held.map(({ status }) => status.claim?.podName)).toEqual([old.name, old.name]);
    expect([...held, ...elsewhere].filter(({ status }) => status.attempts !== 1)).toEqual([]);
    // Its outcomes were fetched and acknowledged, so nothing was left.
    expect(await code).toBe(0);
  });
});

test('a pod that drains without being deleted gets no new runs', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `unaware-${index}`);
  const another = await cluster.startPod();
  fresh.process.signal('SIGTERM');
  for (const name of names) await cluster.executions.create(name, { source: counted(name) });

  const ended = await cluster.executions.ended(names);
  expectOnce(ended, cluster.journal);
  expect(ended.map(({ status }) => status.attempts)).toEqual(names.map(() => 1));
  expect(await fresh.process.exited).toBe(0);
  await fresh.object.remove();
  await another.terminate();
});

test('the status counts all executions, and never decreases when a pod or the operator is replaced', async () => {
  const all = HELD.length + WAITING.length + LATER.length + 20;
  await eventually(async () => expect(await counts()).toMatchObject({ total: all, succeeded: all }), 25_000);
  await operator.kill();
  await cluster.forgetLeader();
  await (await cluster.startOperator()).leads();
  await cluster.startPod();
  await cluster.executions.create('last', { source: 'throw new Error("no luck")' });
  await cluster.executions.reaches('last', 'RuntimeError');

  const wanted = { total: all + 1, succeeded: all, errors: 1, running: 0, pending: 0 };
  await eventually(async () => expect(await counts()).toEqual(wanted), 25_000);
  isOver = true;
  await sampling;
  expect(totals).toEqual(totals.toSorted((one, other) => one - other));
}, 60_000);
