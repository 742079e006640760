import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { always, eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { conditionOf, reasonOf } from './support/executions.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

/** The operator's time limit for an unreachable pod, beyond the time-out of the script. */
const PATIENCE_MS = 30_000;
const TIMEOUT_MS = 3000;

let cluster: Cluster;
let operator: OperatorProcess;
/** The disconnected pod; it is ready for everyone except the operator. */
let cutOff: RuntimePod;
let other: RuntimePod | undefined;

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 }, limits: { timeout: '20s' } });
  cutOff = await cluster.startPod('default', { isWired: true });
}, 60_000);
afterAll(() => cluster?.close());

const podsThat = async (state: string): Promise<number> =>
  (await operator.metrics()).sum('copepod_operator_pods', { state });

/** Starts executions on the only pod, before it is disconnected. */
async function startThere(names: readonly string[], spec: object = {}): Promise<void> {
  for (const name of names) await cluster.executions.create(name, { source: gated(name), ...spec });
  await eventually(() => expect(cluster.journal.ran()).toEqual(expect.arrayContaining([...names])));
}

describe('a pod that only the operator cannot reach', () => {
  test('keeps its runs while another pod serves; outcomes are recorded once when it is reachable again', async () => {
    await startThere(['there-1', 'there-2']);
    const second = await cluster.startPod();
    other = second;
    await eventually(async () => expect(await podsThat('serving')).toBe(2));
    cutOff.wire.freeze(true);
    await eventually(async () => expect(await podsThat('unreachable')).toBe(1));
    expect(await podsThat('serving')).toBe(1);

    const names = Array.from({ length: 10 }, (_, index) => `elsewhere-${index}`);
    for (const name of names) await cluster.executions.create(name, { source: counted(name) });
    const elsewhere = await cluster.executions.ended(names);
    expectOnce(elsewhere, cluster.journal);
    expect(new Set(elsewhere.map(({ status }) => status.claim?.podName))).toEqual(new Set([second.name]));
    cluster.journal.open('there-1'); // it finishes, and its answer does not arrive
    await eventually(async () => expect(await cutOff.unacknowledged()).toBe(1));
    await always(async () => {
      expect(reasonOf(await cluster.executions.get('there-1'))).toBe('Running');
    }, 1000);
    cutOff.wire.cut();
    cutOff.wire.freeze(false);

    expectOnce([await cluster.executions.reaches('there-1', 'Completed')], cluster.journal);
    cluster.journal.open('there-2');
    const ended = await cluster.executions.ended(['there-1', 'there-2']);
    expectOnce(ended, cluster.journal);
    expect(ended.map(({ status }) => [status.attempts, status.claim?.podName])).toEqual(
      Array(2).fill([1, cutOff.name]),
    );
    await eventually(async () => {
      expect([await podsThat('serving'), await podsThat('unreachable')]).toEqual([2, 0]);
      expect(await cutOff.unacknowledged()).toBe(0);
    });
  }, 60_000);

  test('is lost after the time-out and 30 s: its runs finish as PodLost, are not run again, and later outcomes are discarded', async () => {
    await other?.vanish();
    await eventually(async () => expect(await podsThat('serving')).toBe(1));
    const cutAt = performance.now();
    await startThere(['lost'], { limits: { timeout: `${TIMEOUT_MS}ms` } });
    cutOff.wire.refuse(true);
    cutOff.wire.cut();
    await always(async () => {
      expect(reasonOf(await cluster.executions.get('lost'))).toBe('Running');
    }, PATIENCE_MS - 1000);

    const lost = await cluster.executions.reaches('lost', 'PodLost');
    expect(performance.now() - cutAt).toBeGreaterThan(PATIENCE_MS + TIMEOUT_MS);
    expect(conditionOf(lost, 'Succeeded')?.message).toContain('could not be reached');
    expect((await operator.metrics()).sum('copepod_operator_executions_total', { reason: 'PodLost' })).toBe(1);
    cutOff.wire.refuse(false);
    await eventually(async () => expect(await cutOff.unacknowledged()).toBe(0));
    expect(reasonOf(await cluster.executions.get('lost'))).toBe('PodLost');
    expect(cluster.journal.runsOf('lost')).toBe(1);
  }, 90_000);
});
