import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { EarlierLeader } from './support/earlier-leader.ts';
import { expectOnce } from './support/exactly-once.ts';
import { reasonOf } from './support/executions.ts';
import { counted } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const RESULT_BYTES = 250_000;

let cluster: Cluster;
let operator: OperatorProcess;
let full: RuntimePod;
let earlier: EarlierLeader;

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 }, limits: { result: '256Ki', memory: '64Mi' } });
  full = await cluster.startPod();
  await eventually(async () => expect((await full.metrics()).sum('copepod_ready')).toBe(1));
  earlier = await EarlierLeader.of(cluster, full);
  await earlier.fill((await full.metrics()).sum('copepod_runs_bytes_max'), RESULT_BYTES);
}, 60_000);
afterAll(async () => {
  earlier?.close();
  await cluster?.close();
});

const create = async (names: readonly string[]): Promise<void> => {
  for (const name of names) await cluster.executions.create(name, { source: counted(name) });
};
const refusals = async (): Promise<number> =>
  (await operator.metrics()).sum('copepod_operator_pod_refusals_total', { code: 'Busy' });

describe('a pod that is full of unacknowledged outcomes', () => {
  test('refuses runs with Busy; no attempt is used, and it is retried with back-off', async () => {
    await create(['early-1', 'early-2', 'early-3']);
    await eventually(async () => expect(await refusals()).toBeGreaterThan(5));
    const metrics = await full.metrics();
    expect(metrics.sum('copepod_runs_bytes')).toBeGreaterThanOrEqual(metrics.sum('copepod_runs_bytes_max'));
    expect(metrics.sum('copepod_runs_unacknowledged')).toBeGreaterThan(100);
    expect(metrics.sum('copepod_refusals_total', { code: 'Busy' })).toBeGreaterThan(5);
    await eventually(async () => {
      expect((await operator.metrics()).sum('copepod_operator_pods', { state: 'left_out' })).toBe(1);
    });
    const before = await refusals();
    await sleep(2000);
    expect((await refusals()) - before).toBeLessThan(20);
    expect(cluster.journal.ran()).toEqual([]);
    for (const name of ['early-1', 'early-2', 'early-3']) {
      const { status } = await cluster.executions.get(name);
      expect(status.attempts ?? 0).toBe(status.claim === undefined ? 0 : 1);
      expect(status.attemptHistory).toBeUndefined();
    }
  });

  test('does not prevent another pod from running the executions', async () => {
    const other = await cluster.startPod();
    await create(['during-1', 'during-2', 'during-3']);
    const names = ['early-1', 'early-2', 'early-3', 'during-1', 'during-2', 'during-3'];
    const ended = await cluster.executions.ended(names);
    expectOnce(ended, cluster.journal);
    expect(ended.map(({ status }) => [status.attempts, status.claim?.podName])).toEqual(
      names.map(() => [1, other.name]),
    );
    await eventually(async () => expect(await other.unacknowledged()).toBe(0));
    await other.vanish();
  });

  test('serves again once they are acknowledged', async () => {
    await create(['late-1', 'late-2']);
    const before = await refusals();
    await eventually(async () => expect(await refusals()).toBeGreaterThan(before));
    expect(reasonOf(await cluster.executions.get('late-1'))).not.toBe('Completed');
    await earlier.acknowledgeAll();

    const ended = await cluster.executions.ended(['late-1', 'late-2']);
    expectOnce(ended, cluster.journal);
    expect(ended.map(({ status }) => [status.attempts, status.claim?.podName])).toEqual(Array(2).fill([1, full.name]));
    await eventually(async () => expect((await full.metrics()).sum('copepod_runs_bytes')).toBe(0));
  });
});
