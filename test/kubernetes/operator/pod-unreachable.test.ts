import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { always, eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { reasonOf } from './support/executions.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

/** Longer than the operator's time-out of a request. */
const SILENCE_MS = 6500;

let cluster: Cluster;
let operator: OperatorProcess;
let pod: RuntimePod;

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  pod = await cluster.startPod();
}, 60_000);
afterAll(() => cluster?.close());

describe('a pod that is unresponsive for a while', () => {
  test('is not lost: its run finishes with its result, once', async () => {
    await cluster.executions.create('patient', { source: gated('patient') });
    await eventually(() => expect(cluster.journal.runsOf('patient')).toBe(1));

    pod.process.signal('SIGSTOP');
    await always(async () => {
      expect(reasonOf(await cluster.executions.get('patient'))).toBe('Running');
    }, SILENCE_MS);
    pod.process.signal('SIGCONT');
    cluster.journal.open('patient');

    expectOnce([await cluster.executions.reaches('patient', 'Completed')], cluster.journal);
  });

  test('is asked by the next leader too, and its run is not started again', async () => {
    await cluster.executions.create('adopted', { source: gated('adopted') });
    await eventually(() => expect(cluster.journal.runsOf('adopted')).toBe(1));

    pod.process.signal('SIGSTOP');
    await operator.kill();
    await cluster.forgetLeader();
    operator = await (await cluster.startOperator()).leads();
    await sleep(1000);
    expect(reasonOf(await cluster.executions.get('adopted'))).toBe('Running');
    pod.process.signal('SIGCONT');
    cluster.journal.open('adopted');

    expectOnce([await cluster.executions.reaches('adopted', 'Completed')], cluster.journal);
  });

  test('runs each run sent meanwhile once', async () => {
    const names = ['sent-1', 'sent-2', 'sent-3', 'sent-4'];
    pod.process.signal('SIGSTOP');
    for (const name of names) await cluster.executions.create(name, { source: counted(name) });
    await sleep(1000);
    expect(cluster.journal.ran().filter((label) => names.includes(label))).toEqual([]);
    pod.process.signal('SIGCONT');

    expectOnce(await cluster.executions.ended(names), cluster.journal);
    await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
  });
});
