import { describe, expect, test } from '@jest/globals';
import { formatSeconds } from '../../../../src/api/schedule/schedule-times.ts';
import type { ScriptScheduleSpec, ScriptScheduleStatus } from '../../../../src/api/types.generated.ts';
import { decide, type ScheduleDecision } from '../../../../src/operator/schedules/decision.ts';
import type { OwnedExecution } from '../../../../src/operator/schedules/owned-execution.ts';
import { afterStart } from '../../../../src/operator/schedules/starts.ts';
import { execution, schedule } from './situation.ts';

const at = (time: string): number => Date.parse(`2026-11-30T${time}Z`);
const iso = (time: string): string => `2026-11-30T${time}Z`;
const minutes = (time: string): number => at(time) / 60_000;

function decided(
  spec: Partial<ScriptScheduleSpec>,
  status: ScriptScheduleStatus,
  now: string,
  executions: readonly OwnedExecution[] = [],
): ScheduleDecision {
  return decide({ schedule: schedule(spec, status), executions, nowMs: at(now) });
}

const reasons = ({ events }: ScheduleDecision): string[] => events.map(({ reason }) => reason);

describe('a start, as a CronJob decides it', () => {
  interface Row {
    readonly spec?: Partial<ScriptScheduleSpec>;
    readonly last?: string;
    readonly now: string;
    readonly running?: readonly string[];
    /** The time that it starts for. */
    readonly starts?: string;
    readonly next?: string;
    readonly events?: readonly string[];
  }

  test.each<[string, Row]>([
    ['nothing before the first time', { now: '09:59:59.999', next: '10:00:00' }],
    ['at its time', { now: '10:00:00.100', starts: '10:00:00', next: '10:01:00' }],
    ['once for a time', { last: '10:00:00', now: '10:00:30', next: '10:01:00' }],
    [
      'the last of several that were missed',
      { last: '10:00:00', now: '10:07:30', starts: '10:07:00', next: '10:08:00' },
    ],
    [
      'the last of more than a hundred that were missed, and says so',
      { last: '10:00:00', now: '11:41:30', starts: '11:41:00', next: '11:42:00', events: ['TooManyMissedTimes'] },
    ],
    ['a hundred are not many', { last: '10:00:00', now: '11:40:30', starts: '11:40:00', next: '11:41:00' }],
    [
      'late, within the deadline',
      {
        spec: { schedule: '0 * * * *', startingDeadlineSeconds: 60 },
        now: '10:00:59',
        starts: '10:00:00',
        next: '11:00:00',
      },
    ],
    [
      'not after the deadline, and says so',
      {
        spec: { schedule: '0 * * * *', startingDeadlineSeconds: 60 },
        now: '10:01:00',
        next: '11:00:00',
        events: ['MissSchedule'],
      },
    ],
    [
      'of times at uneven distances the last too, where a CronJob finds none',
      { spec: { schedule: '*/30 10-11 * * *' }, now: '14:00:00', starts: '11:30:00' },
    ],
    [
      '@every counts from the last start',
      { spec: { schedule: '@every 90s' }, last: '10:00:00', now: '10:01:30', starts: '10:01:30', next: '10:03:00' },
    ],
    [
      '@every counts from the creation before the first',
      { spec: { schedule: '@every 90s' }, now: '10:00:59', next: '10:01:00' },
    ],
    [
      '@every also with a deadline, where a CronJob never starts',
      {
        spec: { schedule: '@every 1h', startingDeadlineSeconds: 60 },
        now: '10:59:31',
        starts: '10:59:30',
        next: '11:59:30',
      },
    ],
    ['Allow: beside one that runs', { now: '10:00:01', running: ['a'], starts: '10:00:00', next: '10:01:00' }],
    [
      'Forbid: not beside one that runs, and says so',
      {
        spec: { concurrencyPolicy: 'Forbid' },
        now: '10:00:01',
        running: ['a'],
        next: '10:01:00',
        events: ['ExecutionAlreadyActive'],
      },
    ],
    [
      'Forbid: late, once it has finished',
      {
        spec: { concurrencyPolicy: 'Forbid' },
        last: '09:59:45',
        now: '10:02:20',
        starts: '10:02:00',
        next: '10:03:00',
      },
    ],
    [
      'Replace',
      { spec: { concurrencyPolicy: 'Replace' }, now: '10:00:01', running: ['a'], starts: '10:00:00', next: '10:01:00' },
    ],
    ['nothing while it is suspended', { spec: { suspend: true }, now: '10:05:00' }],
    [
      'the last one that was missed meanwhile, once it is resumed',
      { last: '10:00:00', now: '10:05:00', starts: '10:05:00', next: '10:06:00' },
    ],
  ])('%s', (_, { spec = {}, last, now, running = [], starts, next, events = [] }) => {
    const status = {
      ...(last === undefined ? {} : { lastScheduleTime: iso(last) }),
      active: running.map((name) => ({ name, uid: `uid-${name}` })),
    };
    const decision = decided(
      spec,
      status,
      now,
      running.map((name) => execution(name)),
    );
    expect(decision.start?.scheduledMs).toBe(starts === undefined ? undefined : at(starts));
    if (starts !== undefined) expect(decision.start?.name).toBe(`tick-${Math.floor(minutes(starts))}`);
    if (next !== undefined) expect(decision.status.nextScheduleTime).toBe(iso(next));
    expect(reasons(decision)).toEqual(events);
  });

  test('Replace cancels what runs and is not cancelled yet, the oldest first', () => {
    const executions = [
      execution('new', { createdMs: at('09:59:40') }),
      execution('old', { createdMs: at('09:59:35') }),
      execution('leaving', { isLeaving: true }),
      execution('done', { ending: 'succeeded' }),
    ];
    const { start } = decided({ concurrencyPolicy: 'Replace' }, {}, '10:00:01', executions);
    expect(start?.replaces.map(({ name }) => name)).toEqual(['old', 'new']);
  });

  test('once it has started, the same moment decides on no other start', () => {
    const before = schedule();
    const nowMs = at('10:00:01');
    const { start } = decide({ schedule: before, executions: [], nowMs });
    if (start === undefined) throw new Error('it starts');
    const after = decide({
      schedule: afterStart(before, start, `uid-${start.name}`),
      executions: [execution(start.name)],
      nowMs,
    });
    expect(after).toMatchObject({
      start: undefined,
      events: [],
      status: { lastScheduleTime: iso('10:00:00'), activeCount: 1, nextScheduleTime: iso('10:01:00') },
      againMs: at('10:01:00.100'),
    });
  });

  test.each(['Allow', 'Forbid', 'Replace'] as const)(
    '%s: an execution that was created and not recorded is the start of its time, and does not stand in its own way',
    (concurrencyPolicy) => {
      const own = execution(`tick-${minutes('10:00:00')}`);
      const decision = decided({ concurrencyPolicy }, {}, '10:00:30', [own]);
      expect(decision.start).toBeUndefined();
      expect(reasons(decision)).toEqual(['UnexpectedExecution']);
      expect(decision.status).toMatchObject({ lastScheduleTime: iso('10:00:00'), activeCount: 1 });
    },
  );

  test('a missed time is told of once', () => {
    const spec = { schedule: '0 * * * *', startingDeadlineSeconds: 60 };
    const first = decided(spec, {}, '10:05:00');
    expect(first.status.lastMissedTime).toBe(iso('10:00:00'));
    expect(reasons(decided(spec, first.status, '10:06:00'))).toEqual([]);
  });
});

describe('a schedule that was changed', () => {
  const changed = { observedSchedule: 'UTC 0 9 * * *', lastScheduleTime: iso('09:00:00') };

  test('starts nothing for a time before the change', () => {
    const first = decided(
      { schedule: '* * * * *' },
      { ...changed, nextScheduleTime: '2026-12-01T09:00:00Z' },
      '10:20:30',
    );
    expect(first.start).toBeUndefined();
    expect(first.status).toMatchObject({ observedSchedule: 'UTC * * * * *', observedSince: iso('10:20:30') });
    const next = decided({ schedule: '* * * * *' }, first.status, '10:21:00');
    expect(next.start?.scheduledMs).toBe(at('10:21:00'));
  });

  test('loses no start that was due by the one before', () => {
    const { start } = decided(
      { schedule: '0 10 * * *' },
      { ...changed, nextScheduleTime: iso('10:00:00') },
      '10:00:01',
    );
    expect(start?.scheduledMs).toBe(at('10:00:00'));
  });

  test('starts for a time that came after the change and before an operator saw it', () => {
    const given = { ...schedule({ schedule: '5 10 * * *' }, changed), changedMs: at('10:04:30') };
    const { start, status } = decide({ schedule: given, executions: [], nowMs: at('10:05:20') });
    expect(start?.scheduledMs).toBe(at('10:05:00'));
    expect(status).toMatchObject({ observedSince: iso('10:04:30') });
    const late = { ...given, changedMs: at('10:05:10') };
    expect(decide({ schedule: late, executions: [], nowMs: at('10:05:20') }).start).toBeUndefined();
  });

  test('a changed time zone is a changed schedule', () => {
    const { status } = decided({ timeZone: 'Asia/Tokyo' }, { observedSchedule: 'UTC * * * * *' }, '10:20:30');
    expect(status).toMatchObject({ observedSchedule: 'Asia/Tokyo * * * * *', observedSince: iso('10:20:30') });
  });
});

describe('spread', () => {
  test('moves each start by the same part of it', () => {
    const spec = { schedule: '0 * * * *', spread: '10m' };
    const first = decided(spec, {}, '10:00:00.100');
    const late = (first.againMs as number) - at('10:00:00.100');
    expect([first.start, first.status.nextScheduleTime]).toEqual([undefined, iso('10:00:00')]);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(600_000);
    const due = decide({ schedule: schedule(spec), executions: [], nowMs: at('10:00:00') + late });
    expect(due.start).toMatchObject({ name: `tick-${minutes('10:00:00')}`, scheduledMs: at('10:00:00') });
  });

  test('counts against no deadline', () => {
    const spec = { schedule: '0 * * * *', spread: '24h', startingDeadlineSeconds: 30 };
    const waiting = decided(spec, {}, '10:00:31');
    expect(reasons(waiting)).toEqual([]);
    const due = decide({ schedule: schedule(spec), executions: [], nowMs: (waiting.againMs as number) + 5000 });
    expect(due.start?.scheduledMs).toBe(at('10:00:00'));
  });
});

describe('a manual start', () => {
  const asked = (spec: Partial<ScriptScheduleSpec>, status: ScriptScheduleStatus, token: string): ScheduleDecision =>
    decide({
      schedule: schedule(spec, status, { annotations: { 'copepod.dev/trigger': token } }),
      executions: [execution('a')],
      nowMs: at('09:59:45.5'),
    });

  test('starts at once, also beside one that runs and while it is suspended', () => {
    const { start } = asked({ suspend: true, concurrencyPolicy: 'Forbid' }, {}, 'one');
    expect(start).toEqual({
      name: expect.stringMatching(/^tick-t[0-9a-f]{8}$/),
      scheduledMs: at('09:59:45'),
      triggeredBy: 'user',
      replaces: [],
    });
  });

  test('once for each value of the annotation', () => {
    expect(asked({}, { lastTrigger: 'one' }, 'one').start).toBeUndefined();
    expect(asked({}, { lastTrigger: 'one' }, 'two').start).toBeDefined();
    expect(asked({}, {}, '').start).toBeUndefined();
    expect(asked({}, { lastTrigger: 'x'.repeat(253) }, 'x'.repeat(300)).start).toBeUndefined();
  });

  test('an execution that was created for it and not recorded is that start', () => {
    const first = asked({}, {}, 'one');
    const decision = decide({
      schedule: schedule({}, {}, { annotations: { 'copepod.dev/trigger': 'one' } }),
      executions: [execution(first.start?.name ?? '')],
      nowMs: at('09:59:50'),
    });
    expect([decision.start, decision.status.lastTrigger]).toEqual([undefined, 'one']);
  });

  test('is no time of the schedule', () => {
    const before = schedule(
      {},
      { lastScheduleTime: iso('09:59:00') },
      { annotations: { 'copepod.dev/trigger': 'one' } },
    );
    const { start } = decide({ schedule: before, executions: [], nowMs: at('09:59:45') });
    if (start === undefined) throw new Error('it starts');
    expect(afterStart(before, start, 'uid').status).toMatchObject({
      lastScheduleTime: iso('09:59:00'),
      lastTrigger: 'one',
    });
  });
});

describe('its executions', () => {
  test('status lists those that run, and when one last succeeded', () => {
    const { status } = decided({ suspend: true }, { lastSuccessfulTime: iso('08:00:00') }, '10:00:00', [
      execution('b', { createdMs: at('09:00:00') }),
      execution('a', { createdMs: at('09:00:00') }),
      execution('c', { ending: 'succeeded', completionTime: '2026-11-30T09:00:00.250000Z' }),
      execution('d', { ending: 'failed', completionTime: '2026-11-30T09:30:00.000000Z' }),
    ]);
    expect(status.active?.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(status).toMatchObject({ activeCount: 2, lastSuccessfulTime: iso('09:00:00') });
  });

  test('the oldest that have finished are surplus, by how they ended, once they are half a minute old', () => {
    const finished = (name: string, ending: 'succeeded' | 'failed', time: string): OwnedExecution =>
      execution(name, { ending, createdMs: at(time) });
    const executions = [
      finished('s3', 'succeeded', '09:53:00'),
      finished('s1', 'succeeded', '09:51:00'),
      finished('s2', 'succeeded', '09:52:00'),
      finished('f2', 'failed', '09:59:50'),
      finished('f1', 'failed', '09:59:40'),
      execution('running', { createdMs: at('08:00:00') }),
    ];
    const spec = { suspend: true, successfulExecutionsHistoryLimit: 2, failedExecutionsHistoryLimit: 0 };
    const decision = decided(spec, {}, '10:00:15', executions);
    expect(decision.surplus.map(({ name }) => name)).toEqual(['s1', 'f1']);
    expect(decision.againMs).toBe(at('10:00:20'));
  });

  test('one that the status does not know is adopted, and told of; one that has finished is told of', () => {
    const status = { active: [{ name: 'done', uid: 'uid-done' }] };
    const executions = [execution('found'), execution('done', { ending: 'failed' })];
    const decision = decided({ suspend: true }, status, '10:00:00', executions);
    expect(decision.events.map(({ reason, note }) => [reason, note])).toEqual([
      ['UnexpectedExecution', 'Execution found of this schedule was not in its status. It counts from now on.'],
      ['SawCompletedExecution', 'Execution done has failed.'],
    ]);
    expect(decision.status.active?.map(({ name }) => name)).toEqual(['found']);
  });
});

describe('conditions', () => {
  const conditions = (spec: Partial<ScriptScheduleSpec>): string[] =>
    (decided(spec, {}, '09:59:45').status.conditions ?? []).map(
      ({ type, status, reason }) => `${type}=${status} ${reason}`,
    );

  test.each([
    [{}, ['Ready=True Scheduled']],
    [{ suspend: true }, ['Ready=True Suspended']],
    [{ schedule: '5-1 * * * *' }, ['Ready=False InvalidSchedule', 'Stalled=True InvalidSchedule']],
    [{ schedule: '0 0 30 2 *' }, ['Ready=False InvalidSchedule', 'Stalled=True InvalidSchedule']],
    [{ timeZone: 'Mars/Base' }, ['Ready=False UnknownTimeZone', 'Stalled=True UnknownTimeZone']],
    [{ timeZone: 'Mars/Base', suspend: true }, ['Ready=False UnknownTimeZone', 'Stalled=True UnknownTimeZone']],
  ])('%j', (spec, expected) => {
    expect(conditions(spec)).toEqual(expected);
  });

  test('a template from which nothing can be started stalls it', () => {
    const known = { ...schedule(), templateProblem: 'spec.executionTemplate.spec.params must be an object' };
    const decision = decide({ schedule: known, executions: [], nowMs: at('10:00:01') });
    expect(decision.start).toBeUndefined();
    expect(decision.status.conditions?.[0]).toMatchObject({
      reason: 'InvalidTemplate',
      message: known.templateProblem,
    });
    expect(reasons(decision)).toEqual(['InvalidTemplate']);
  });

  test('nothing is written again where nothing has changed', () => {
    const first = decided({ schedule: '0 * * * *' }, {}, '09:59:45');
    const second = decided({ schedule: '0 * * * *' }, first.status, '09:59:55');
    expect(second.status).toEqual(first.status);
    expect(formatSeconds(first.againMs as number)).toBe(iso('10:00:00'));
  });
});
