import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Clock } from './support/clock.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { reasonOf } from './support/executions.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const HOURS = 3;

let cluster: Cluster;
let operatorClock: Clock;
let podClock: Clock;
let operator: OperatorProcess;
let pod: RuntimePod;

beforeAll(async () => {
  cluster = await Cluster.create();
  operatorClock = new Clock(cluster.journal.directory);
  podClock = new Clock(cluster.journal.directory);
  operator = await (await cluster.startOperator({ env: operatorClock.env })).leads();
  for (const name of ['default', 'forward', 'backward']) await cluster.makeRuntime(name, { pool: { size: 3 } });
  pod = await cluster.startPod('default', { env: podClock.env, isWired: true });
}, 60_000);
afterAll(() => cluster?.close());

function setClocks(hours: number): void {
  operatorClock.setAhead(hours);
  podClock.setAhead(hours);
}

const leads = (): number => operator.log.filter(({ message }) => message === 'became leader').length;

describe.each([
  ['forward', HOURS],
  ['backward', -HOURS],
])('when the clocks of operator and pods are set %s by hours', (direction, hours) => {
  const named = (name: string): string => `${direction}-${name}`;
  const elsewhere = { runtimeRef: { name: direction } };

  test('no execution is late, lost, run again, or delayed by hours', async () => {
    const { executions, journal } = cluster;
    await executions.create(named('held'), { source: gated(named('held')) });
    await executions.create(named('kept'), { source: '1', ttlSecondsAfterFinished: 600 });
    await executions.create(named('gone'), { source: '1', ttlSecondsAfterFinished: 4 });
    await executions.create(named('patient'), {
      ...elsewhere,
      source: counted(named('patient')),
      startingDeadlineSeconds: 900,
    });
    await executions.create(named('late'), { ...elsewhere, source: '1', startingDeadlineSeconds: 4 });
    await executions.reaches(named('kept'), 'Completed');
    await executions.reaches(named('patient'), 'RuntimeNotReady');
    await executions.create(named('retried'), { source: 'for (;;);', limits: { timeout: '100ms' }, backoffLimit: 2 });
    await eventually(async () => {
      expect((await executions.get(named('retried'))).status.attemptHistory).toHaveLength(1);
      expect(journal.runsOf(named('held'))).toBe(1);
    });
    // Requests to the pod are refused from now on; the time limit for an unreachable pod keeps running.
    pod.wire.refuse(true);
    pod.wire.cut();
    setClocks(hours);
    await sleep(1000);
    pod.wire.refuse(false);
    await executions.create(named('fresh'), { source: counted(named('fresh')), startingDeadlineSeconds: 60 });

    expectOnce([await executions.reaches(named('fresh'), 'Completed')], journal);
    expect((await executions.reaches(named('retried'), 'TimeoutExceeded')).status.attempts).toBe(3);
    await executions.reaches(named('late'), 'DeadlineExceeded');
    await eventually(async () => expect(await executions.find(named('gone'))).toBeUndefined());
    expect(reasonOf(await executions.get(named('kept')))).toBe('Completed');
    expect(reasonOf(await executions.get(named('patient')))).toBe('RuntimeNotReady');
    expect(reasonOf(await executions.get(named('held')))).toBe('Running');
    await cluster.startPod(direction, { env: podClock.env });
    journal.open(named('held'));
    expectOnce(await executions.ended([named('held'), named('patient')]), journal);

    expect(leads()).toBe(1);
    const metrics = await operator.metrics();
    expect(metrics.sum('leader_election_master_status')).toBe(1);
    expect(metrics.sum('copepod_operator_clock_steps_total', { direction })).toBeGreaterThan(0);
    expect(metrics.sum('copepod_operator_clock_skew_seconds') / 3600).toBeCloseTo(hours, 2);
    setClocks(0);
  }, 60_000);
});

describe("when only the operator's clock is wrong", () => {
  test('pods refuse its requests: running executions complete, and others wait until the clock is right', async () => {
    const { executions, journal } = cluster;
    await eventually(async () =>
      expect((await operator.metrics()).sum('copepod_operator_pods', { state: 'serving' })).toBe(3),
    );
    await executions.create('held', { source: gated('held') });
    await eventually(() => expect(journal.runsOf('held')).toBe(1));
    operatorClock.setAhead(HOURS);
    journal.open('held'); // the answer to the request sent before
    expectOnce([await executions.reaches('held', 'Completed')], journal);
    await executions.create('waits', { source: counted('waits') });
    await executions.reaches('waits', 'RuntimeNotReady');
    const metrics = await operator.metrics();
    expect(metrics.sum('copepod_operator_pods', { state: 'refusing' })).toBeGreaterThan(0);
    expect(metrics.sum('copepod_operator_pod_refusals_total', { code: 'Unauthenticated' })).toBeGreaterThan(0);
    expect((await pod.metrics()).sum('copepod_clock_skew_seconds') / 3600).toBeCloseTo(HOURS, 2);
    await sleep(500);
    expect(journal.runsOf('waits')).toBe(0);
    operatorClock.setAhead(0);

    const waited = await executions.reaches('waits', 'Completed');
    expectOnce([waited], journal);
    expect(waited.status.attempts).toBe(1);
    await eventually(async () => {
      expect(await pod.unacknowledged()).toBe(0);
      expect(Math.abs((await pod.metrics()).sum('copepod_clock_skew_seconds'))).toBeLessThan(2);
    });
  }, 60_000);
});
