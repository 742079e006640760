import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution, ScriptSchedule } from '../../../src/api/types.generated.ts';
import { eventually } from '../../support/until.ts';
import { ApiProxy } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { reasonOf } from './support/executions.ts';
import { gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import { during, Schedules, ServerTime, type ToldEvent } from './support/schedules.ts';

let cluster: Cluster;
let proxy: ApiProxy;
let operator: OperatorProcess;
let schedules: Schedules;
let time: ServerTime;

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await ApiProxy.start();
  time = new ServerTime(proxy);
  schedules = new Schedules(cluster.api, cluster.namespace);
  operator = await (await cluster.startOperator({ server: proxy.url, events: 'all' })).leads();
  await cluster.makeRuntime('default', { pool: { size: 4 } });
  await cluster.startPod();
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
const minuteOf = (ms: number): number => Math.floor(ms / 60_000);
const reasons = (events: readonly ToldEvent[]): string[] => events.map(({ reason }) => reason);
const named = (executions: readonly ScriptExecution[]): string[] => executions.map(({ metadata }) => metadata.name);
const ready = ({ status }: ScriptSchedule) => status.conditions?.find(({ type }) => type === 'Ready');

/** Waits until it has started for a time. */
async function startsFor(name: string, minute: number): Promise<ScriptSchedule> {
  return await schedules.eventually(name, (schedule) => {
    expect(schedule.status).toMatchObject({ lastScheduleTime: iso(minute) });
    return schedule;
  });
}

test('at its minute one execution starts, owned by its schedule, which tells of it', async () => {
  const minute = time.setBeforeMinute(3);
  const created = await schedules.create(
    'tick',
    { source: 'export default (params) => ({ params, execution: context.execution })', params: { shop: 7 } },
    { schedule: during(minute, 2, 8), timeZone: 'Asia/Manila' },
  );
  await schedules.eventually('tick', ({ status, metadata }) => {
    expect(status).toMatchObject({ observedGeneration: metadata.generation, nextScheduleTime: iso(minute) });
  });
  await startsFor('tick', minute);
  const execution = await cluster.executions.reaches(`tick-${minuteOf(minute)}`, 'Completed');
  expect(execution.status.result).toMatchObject({
    params: { shop: 7, scheduledTime: iso(minute), cron: during(minute, 2, 8) },
    execution: { type: 'cron', triggeredBy: 'system', id: execution.metadata.uid },
  });
  expect(execution.metadata).toMatchObject({
    labels: { 'copepod.dev/schedule': 'tick' },
    annotations: { 'copepod.dev/scheduled-time': expect.stringMatching(/\+08:00$/) },
    ownerReferences: [
      { kind: 'ScriptSchedule', name: 'tick', uid: created.metadata.uid, controller: true, blockOwnerDeletion: true },
    ],
  });
  // Without a push: the end of an execution alone makes the operator look.
  await eventually(async () => {
    const { status } = await schedules.get('tick');
    expect(status).toMatchObject({ active: [], activeCount: 0, nextScheduleTime: iso(minute + 60_000) });
    expect(status.lastSuccessfulTime).toBeDefined();
    expect(status.conditions).toMatchObject([{ type: 'Ready', status: 'True', reason: 'Scheduled' }]);
  });
  await eventually(async () => {
    expect(reasons(await schedules.events('tick'))).toEqual(
      expect.arrayContaining(['SuccessfulCreate', 'SawCompletedExecution']),
    );
  });
  await schedules.delete('tick');
});

test('a script with a scheduled() handler has it called on the pod, and waitUntil is waited for', async () => {
  const minute = time.setBeforeMinute(3);
  const source = `export default {
    async scheduled(controller, env, ctx) {
      ctx.waitUntil(Promise.resolve().then(() => console.log('afterwards')));
      return { time: controller.scheduledTime, cron: controller.cron };
    },
  };`;
  const schedule = during(minute, 2);
  await schedules.create('handler', { source }, { schedule });
  await startsFor('handler', minute);
  const { status } = await cluster.executions.reaches(`handler-${minuteOf(minute)}`, 'Completed');
  expect(status.result).toEqual({ time: minute, cron: schedule });
  expect(status.logs?.map(({ message }) => message)).toEqual(['afterwards']);
});

describe('while an execution runs', () => {
  test.each([
    ['Allow', ['first', 'second'], 'Running'],
    ['Replace', ['second'], 'Cancelled'],
  ])('%s starts the next', async (concurrencyPolicy, active, first) => {
    const name = concurrencyPolicy.toLowerCase();
    const minute = time.setBeforeMinute(2);
    await schedules.create(name, { source: gated(name) }, { schedule: during(minute, 2), concurrencyPolicy });
    await startsFor(name, minute);
    await cluster.executions.reaches(`${name}-${minuteOf(minute)}`, 'Running');
    time.advance(1);
    await startsFor(name, minute + 60_000);
    await cluster.executions.reaches(`${name}-${minuteOf(minute)}`, first);
    await schedules.eventually(name, ({ status }) => {
      const both = { first: `${name}-${minuteOf(minute)}`, second: `${name}-${minuteOf(minute) + 1}` };
      expect(status.active?.map((each) => each.name)).toEqual(active.map((each) => both[each as keyof typeof both]));
      expect(status.activeCount).toBe(active.length);
    });
    if (first === 'Cancelled') {
      await eventually(async () => expect(reasons(await schedules.events(name))).toContain('Replaced'));
    }
    cluster.journal.open(name);
    await schedules.delete(name);
  });

  test('Forbid leaves the next out and tells of it, and starts late when the first has finished', async () => {
    const minute = time.setBeforeMinute(2);
    const spec = { schedule: during(minute, 3), concurrencyPolicy: 'Forbid' };
    await schedules.create('forbid', { source: gated('forbid') }, spec);
    await startsFor('forbid', minute);
    await cluster.executions.reaches(`forbid-${minuteOf(minute)}`, 'Running');
    time.advance(2);
    await schedules.eventually('forbid', async () => {
      expect(reasons(await schedules.events('forbid'))).toContain('ExecutionAlreadyActive');
    });
    expect(await schedules.executions('forbid')).toHaveLength(1);
    cluster.journal.open('forbid');
    await startsFor('forbid', minute + 2 * 60_000);
    expect(named(await schedules.executions('forbid'))).toEqual([
      `forbid-${minuteOf(minute)}`,
      `forbid-${minuteOf(minute) + 2}`,
    ]);
    await schedules.delete('forbid');
  });
});

describe('started by hand and held back', () => {
  test('a suspended schedule starts nothing by its times, and at once when its trigger is set', async () => {
    const minute = time.setBeforeMinute(2);
    await schedules.create(
      'held',
      { source: 'context.execution.triggeredBy' },
      { schedule: during(minute, 1), suspend: true },
    );
    time.advance(1);
    await schedules.eventually('held', (schedule) => {
      expect(ready(schedule)).toMatchObject({ status: 'True', reason: 'Suspended' });
      expect(schedule.status.nextScheduleTime).toBeUndefined();
    });
    expect(await schedules.executions('held')).toEqual([]);

    await schedules.patch('held', { metadata: { annotations: { 'copepod.dev/trigger': 'one' } } });
    const [execution] = await schedules.eventually('held', async ({ status }) => {
      expect(status.lastTrigger).toBe('one');
      return await schedules.executions('held');
    });
    const ended = await cluster.executions.reaches(execution?.metadata.name as string, 'Completed');
    expect(ended.status.result).toBe('user');

    await schedules.patch('held', { spec: { suspend: false } });
    await startsFor('held', minute);
    expect(await schedules.executions('held')).toHaveLength(2);
    await schedules.delete('held');
  });
});

describe('what cannot be started', () => {
  test('a schedule that only the operator can refuse is Stalled until it is corrected', async () => {
    await schedules.create('wrong', { source: '1' }, { schedule: '50-10 * * * *' });
    await schedules.eventually('wrong', (schedule) => {
      expect(ready(schedule)).toMatchObject({ status: 'False', reason: 'InvalidSchedule' });
      expect(ready(schedule)?.message).toContain('minute "50-10": begins after its end');
    });
    await schedules.patch('wrong', { spec: { schedule: '10-50 * * * *', timeZone: 'Mars/Base' } });
    await schedules.eventually('wrong', (schedule) => {
      expect(ready(schedule)).toMatchObject({ status: 'False', reason: 'UnknownTimeZone' });
    });
    await schedules.patch('wrong', { spec: { timeZone: null, executionTemplate: { spec: { params: [1] } } } });
    await schedules.eventually('wrong', (schedule) => {
      expect(ready(schedule)).toMatchObject({ status: 'False', reason: 'InvalidTemplate' });
    });
    await schedules.patch('wrong', { spec: { executionTemplate: { spec: { params: { a: 1 } } } } });
    await schedules.eventually('wrong', (schedule) => {
      expect(schedule.status.conditions).toMatchObject([{ type: 'Ready', status: 'True', reason: 'Scheduled' }]);
    });
    await eventually(async () => {
      expect(reasons(await schedules.events('wrong'))).toEqual(
        expect.arrayContaining(['InvalidSchedule', 'UnknownTimeZone', 'InvalidTemplate']),
      );
    });
    await schedules.delete('wrong');
  });

  test('a start whose name is taken by an execution of somebody else is left out, and the next is not', async () => {
    const minute = time.setBeforeMinute(4);
    await cluster.executions.create(`taken-${minuteOf(minute)}`, { source: '"mine"' });
    await schedules.create('taken', { source: '"theirs"' }, { schedule: during(minute, 2) });
    await startsFor('taken', minute);
    await eventually(async () => expect(reasons(await schedules.events('taken'))).toContain('NameTaken'));
    time.advance(1);
    await startsFor('taken', minute + 60_000);
    expect(named(await schedules.executions('taken'))).toEqual([`taken-${minuteOf(minute) + 1}`]);
    await schedules.delete('taken');
  });

  test('an execution that the API server refuses is told of, and started late when it no longer does', async () => {
    proxy.trouble = ({ method, resource }) =>
      method === 'POST' && resource === 'scriptexecutions'
        ? { status: 403, reason: 'Forbidden', message: 'exceeded quota: scripts' }
        : undefined;
    const minute = time.setBeforeMinute(2);
    await schedules.create('refused', { source: '1' }, { schedule: during(minute, 1) });
    await schedules.eventually('refused', (schedule) => {
      expect(ready(schedule)).toMatchObject({
        status: 'False',
        reason: 'FailedCreate',
        message: 'exceeded quota: scripts',
      });
    });
    await eventually(async () => expect(reasons(await schedules.events('refused'))).toContain('FailedCreate'));
    proxy.trouble = () => undefined;
    const schedule = await startsFor('refused', minute);
    expect(ready(schedule)).toMatchObject({ status: 'True', reason: 'Scheduled' });
    await schedules.delete('refused');
  });
});

describe('finished executions beyond the history limits', () => {
  test('are deleted, the oldest first, and those that failed apart', async () => {
    const minute = time.setBeforeMinute(2);
    const source =
      'export default ({ scheduledTime }) => { if (Date.parse(scheduledTime) / 60000 % 2) throw new Error("odd"); }';
    const limits = { successfulExecutionsHistoryLimit: 1, failedExecutionsHistoryLimit: 1 };
    await schedules.create('kept', { source }, { schedule: during(minute, 4), ...limits });
    for (let run = 0; run < 4; run++) {
      await startsFor('kept', minute + run * 60_000);
      const name = `kept-${minuteOf(minute) + run}`;
      await cluster.executions.reaches(name, (minuteOf(minute) + run) % 2 === 1 ? 'RuntimeError' : 'Completed');
      time.advance(1);
    }
    await schedules.eventually('kept', async () => {
      const left = await schedules.executions('kept');
      const ended = left.filter((each) => reasonOf(each) === 'Completed' || reasonOf(each) === 'RuntimeError');
      expect(ended.map(reasonOf).sort()).toEqual(['Completed', 'RuntimeError']);
    });
    await schedules.delete('kept');
  });
});

describe('an operator that was down', () => {
  const down = async (minutes: number): Promise<void> => {
    await operator.end();
    time.advance(minutes);
    operator = await (await cluster.startOperator({ server: proxy.url, events: 'all' })).leads();
  };

  test('for an hour makes one late start, where the deadline allows it', async () => {
    const minute = time.setBeforeMinute(3);
    await schedules.create('late', { source: '1' });
    await schedules.create(
      'strict',
      { source: '1' },
      { schedule: `${new Date(minute).getUTCMinutes()} * * * *`, startingDeadlineSeconds: 120 },
    );
    await startsFor('late', minute);
    await startsFor('strict', minute);
    time.setBeforeMinute(30);
    await down(75);
    const { status } = await schedules.eventually('late', (schedule) => {
      expect(Date.parse(schedule.status.lastScheduleTime ?? '')).toBeGreaterThanOrEqual(minute + 75 * 60_000);
      return schedule;
    });
    const late = await schedules.executions('late');
    expect(late.length).toBeLessThanOrEqual(3); // one more, and the next where that has come meanwhile
    expect(named(late)).toContain(`late-${minuteOf(Date.parse(status.lastScheduleTime ?? ''))}`);
    await schedules.eventually('strict', async (schedule) => {
      expect(schedule.status).toMatchObject({ lastScheduleTime: iso(minute), lastMissedTime: iso(minute + 3_600_000) });
      expect(reasons(await schedules.events('strict'))).toContain('MissSchedule');
    });
    expect(reasons(await schedules.events('late'))).not.toContain('TooManyMissedTimes');
    await schedules.delete('strict');
  });

  test('while a schedule was changed starts for the first time of the new one', async () => {
    await schedules.create('moved', { source: '1' }, { schedule: '0 0 1 1 *' });
    await schedules.eventually('moved', ({ status }) => {
      expect(status).toMatchObject({ observedSchedule: 'UTC 0 0 1 1 *' });
    });
    await operator.end();
    const minute = time.setBeforeMinute(3);
    await schedules.patch('moved', { spec: { schedule: during(minute, 1) } });
    time.advance(1);
    operator = await (await cluster.startOperator({ server: proxy.url, events: 'all' })).leads();
    await startsFor('moved', minute);
    await cluster.executions.reaches(`moved-${minuteOf(minute)}`, 'Completed');
    await schedules.delete('moved');
  });

  test('for so long that more than a hundred starts were missed says so, and makes one late start', async () => {
    const before = named(await schedules.executions('late'));
    await down(102);
    await schedules.eventually('late', async () => {
      expect(reasons(await schedules.events('late'))).toContain('TooManyMissedTimes');
    });
    const started = named(await schedules.executions('late')).filter((name) => !before.includes(name));
    expect(started.length).toBeGreaterThanOrEqual(1);
    expect(started.length).toBeLessThanOrEqual(2);
    await schedules.delete('late');
  });
});
