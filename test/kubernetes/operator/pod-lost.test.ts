import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted, gated } from './support/journal.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
}, 60_000);
afterAll(() => cluster?.close());

/** Creates a runtime with a pod that runs an execution of the same name; resolves when the script runs. */
async function running(name: string, spec: object = {}): Promise<Awaited<ReturnType<Cluster['startPod']>>> {
  await cluster.makeRuntime(name, { pool: { size: 1 } });
  const pod = await cluster.startPod(name);
  await cluster.executions.create(name, { runtimeRef: { name }, source: gated(name), ...spec });
  await eventually(() => expect(cluster.journal.runsOf(name)).toBe(1));
  return pod;
}

describe('a script whose pod', () => {
  test('is killed and restarts finishes as PodLost, and does not run again', async () => {
    const pod = await running('restarted');
    await pod.restart();

    const { status } = await cluster.executions.reaches('restarted', 'PodLost');
    expect(status).toMatchObject({ attempts: 1, error: { type: 'InternalError', retryable: true } });
    expect(status.claim?.podUID).toBe(pod.object.uid);
    // The new boot of the pod accepts runs, but not this one.
    await cluster.executions.create('after-restarted', { runtimeRef: { name: 'restarted' }, source: counted('after') });
    await cluster.executions.reaches('after-restarted', 'Completed');
    expect(cluster.journal.runsOf('restarted')).toBe(1);
  });

  test('is removed finishes as PodLost, and does not run again', async () => {
    const pod = await running('removed');
    await pod.vanish();

    await cluster.executions.reaches('removed', 'PodLost');
    await cluster.startPod('removed');
    await cluster.executions.create('after-removed', { runtimeRef: { name: 'removed' }, source: counted('after') });
    await cluster.executions.reaches('after-removed', 'Completed');
    expect(cluster.journal.runsOf('removed')).toBe(1);
  });

  test('has phase Failed finishes as PodLost', async () => {
    const pod = await running('evicted');
    await pod.process.kill();
    await pod.object.setStatus({ phase: 'Failed', reason: 'Evicted' });

    await cluster.executions.reaches('evicted', 'PodLost');
  });

  test('is lost twice runs three times with backoffLimit 2, and its status has the first two attempts', async () => {
    const pod = await running('tried', { backoffLimit: 2 });
    await pod.restart();
    await eventually(() => expect(cluster.journal.runsOf('tried')).toBe(2));
    await pod.restart();
    await eventually(() => expect(cluster.journal.runsOf('tried')).toBe(3));
    cluster.journal.open('tried');

    const { status } = await cluster.executions.reaches('tried', 'Completed');
    expect(status).toMatchObject({ run: 1, attempts: 3, result: 'tried is done', claim: { attempt: 3 } });
    const lost = { podUID: pod.object.uid, reason: 'PodLost', error: { type: 'InternalError' } };
    expect(status.attemptHistory).toMatchObject([
      { attempt: 1, ...lost },
      { attempt: 2, ...lost },
    ]);
    expect(cluster.journal.runsOf('tried')).toBe(3);
  });

  test('is lost more often than backoffLimit allows finishes as PodLost', async () => {
    const pod = await running('given-up', { backoffLimit: 1 });
    await pod.restart();
    await eventually(() => expect(cluster.journal.runsOf('given-up')).toBe(2));
    await pod.restart();

    const { status } = await cluster.executions.reaches('given-up', 'PodLost');
    expect(status.attempts).toBe(2);
    expect(status.attemptHistory).toHaveLength(1);
  });
});

test('a script that never reached its lost pod runs on another pod without using an attempt', async () => {
  await cluster.makeRuntime('two', { pool: { size: 2 } });
  const [dead] = await Promise.all([cluster.startPod('two'), cluster.startPod('two')]);
  await cluster.executions.create('warm', { runtimeRef: { name: 'two' }, source: '1' });
  await cluster.executions.reaches('warm', 'Completed');
  await dead.process.kill();
  const names = [1, 2, 3, 4].map((index) => `unsent-${index}`);
  await Promise.all(
    names.map((name) => cluster.executions.create(name, { runtimeRef: { name: 'two' }, source: counted(name, 100) })),
  );
  await sleep(500);
  await dead.start();

  const ended = await cluster.executions.ended(names);
  expectOnce(ended, cluster.journal);
  expect(ended.map(({ status }) => status.attempts)).toEqual(names.map(() => 1));
});
