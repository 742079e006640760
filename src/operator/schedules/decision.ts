import { FormatError } from '../../api/format-error.ts';
import {
  DEFAULT_TIME_ZONE,
  formatSeconds,
  type ScheduleTimes,
  scheduleTimes,
} from '../../api/schedule/schedule-times.ts';
import { spreadMs } from '../../api/schedule/spread.ts';
import { timeZone } from '../../api/schedule/time-zone.ts';
import type { ScriptScheduleStatus } from '../../api/types.generated.ts';
import { dueTime } from './due-time.ts';
import type { OwnedExecution } from './owned-execution.ts';
import { type Obstacle, scheduleConditions } from './schedule-conditions.ts';
import type { ScheduleProjection } from './schedule-projection.ts';
import { afterStart, type DueStart, manualStart, scheduledStart } from './starts.ts';

/** What is known when it is decided what becomes of a schedule. */
export interface ScheduleSituation {
  readonly schedule: ScheduleProjection;
  /** Those that it owns. */
  readonly executions: readonly OwnedExecution[];
  /** The API server's time, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Why the API server does not take an execution of it. */
  readonly refusal?: Obstacle | undefined;
}

/** Something that people are told of. */
export interface ScheduleEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
  /** It is told again for another of these. */
  readonly of: string;
}

/** What becomes of a schedule. */
export interface ScheduleDecision {
  /** What the status is, whether or not something is started. */
  readonly status: ScriptScheduleStatus;
  readonly start: DueStart | undefined;
  /** Finished executions beyond the history limits, the oldest first. */
  readonly surplus: readonly OwnedExecution[];
  readonly events: readonly ScheduleEvent[];
  /** When to decide again, in milliseconds since the epoch, if nothing changes before. */
  readonly againMs: number | undefined;
}

/** A finished execution stays for so long, so that a start by an earlier leader that is still under way finds its name taken. */
const KEPT_MS = 30_000;
/** As a CronJob's controller: clocks differ. */
const AFTER_DUE_MS = 100;

/**
 * What becomes of a schedule: the order of the steps is that of syncCronJob of Kubernetes' CronJob controller (v1.36). Pure.
 *
 * `spread` moves the schedule as a whole: everything is decided as of so much earlier.
 */
export function decide(given: ScheduleSituation): ScheduleDecision {
  const situation = { ...given, schedule: withUnrecorded(given) };
  const { schedule, executions, nowMs } = situation;
  const { metadata, spec, status: before } = schedule;
  const history = surplusOf(situation);
  const { times, obstacle: unreadable } = readSchedule(schedule);
  const isLeaving = metadata.deletionTimestamp !== undefined;
  const lateMs = spreadMs(schedule);
  const observed = observedSchedule(schedule, nowMs);
  const plan = times && planOf(situation, times, observed, nowMs - lateMs);
  const isSuspended = spec.suspend || isLeaving;
  const isNever = plan !== undefined && plan.dueMs === undefined && plan.nextMs === undefined;
  const never: Obstacle = {
    reason: 'InvalidSchedule',
    message: `"${spec.schedule}" matches no time within five years.`,
  };
  const template: Obstacle | undefined =
    schedule.templateProblem === undefined
      ? undefined
      : { reason: 'InvalidTemplate', message: schedule.templateProblem };
  const obstacle = unreadable ?? template ?? (isNever ? never : undefined);
  const active = activeOf(executions);
  const manual = obstacle || isLeaving ? undefined : manualStart(schedule, nowMs);
  const scheduled = obstacle || isSuspended ? undefined : plan;
  const next = scheduled?.nextMs;

  const status: ScriptScheduleStatus = {
    ...kept(before),
    ...(times === undefined ? {} : observed),
    observedGeneration: metadata.generation ?? 1,
    conditions: scheduleConditions({
      obstacle: obstacle ?? situation.refusal,
      isSuspended,
      generation: metadata.generation ?? 1,
      nowMs,
      previous: before.conditions,
    }),
    active: active.map(({ name, uid }) => ({ name, uid })),
    activeCount: active.length,
    ...lastSuccess(before.lastSuccessfulTime, executions),
    ...(next === undefined ? {} : { nextScheduleTime: formatSeconds(next) }),
    ...(scheduled?.missedMs === undefined ? {} : { lastMissedTime: formatSeconds(scheduled.missedMs) }),
  };
  const start =
    manual ?? (scheduled?.startMs === undefined ? undefined : scheduledStart(schedule, active, scheduled.startMs));
  const wakeUps = [next === undefined ? undefined : next + lateMs + AFTER_DUE_MS, history.againMs];
  return {
    status,
    start,
    surplus: history.surplus,
    events: [...changesOf(situation), ...(scheduled?.events ?? []), ...obstacleEvents(obstacle)],
    againMs: soonest(wakeUps),
  };
}

interface Plan {
  /** The last time that has passed without a start. */
  readonly dueMs: number | undefined;
  /** The same, where it is to be started for. */
  readonly startMs?: number;
  /** The same, where it is too late for it. */
  readonly missedMs?: number;
  readonly nextMs: number | undefined;
  readonly events: readonly ScheduleEvent[];
}

/** The schedule with a start recorded whose execution exists: its writer ended between the two, or was refused the second. */
function withUnrecorded({ schedule, executions, nowMs }: ScheduleSituation): ScheduleProjection {
  const names = new Set(executions.map(({ name }) => name));
  const { times } = readSchedule(schedule);
  const asOfMs = nowMs - spreadMs(schedule);
  const due = times && dueTime(times, countsAfterMs(schedule, observedSchedule(schedule, nowMs)), asOfMs);
  const starts = [due && scheduledStart(schedule, [], due.dueMs), manualStart(schedule, nowMs)];
  return starts
    .filter((start) => start !== undefined && names.has(start.name))
    .reduce((known, start) => afterStart(known, start as DueStart), schedule);
}

/** From when on times count, in milliseconds since the epoch: the last start, or else the creation, or a change since. */
function countsAfterMs(
  { metadata, status }: ScheduleProjection,
  { observedSince }: Pick<ScriptScheduleStatus, 'observedSince'>,
): number {
  const since = [status.lastScheduleTime ?? metadata.creationTimestamp, observedSince];
  return Math.max(...since.map((time) => (time === undefined ? 0 : Date.parse(time))));
}

function planOf(
  { schedule, executions }: ScheduleSituation,
  times: ScheduleTimes,
  observed: Pick<ScriptScheduleStatus, 'observedSince'>,
  nowMs: number,
): Plan {
  const { spec, status } = schedule;
  const afterMs = countsAfterMs(schedule, observed);
  const due = dueTime(times, afterMs, nowMs);
  const nextMs = times.next(due?.dueMs ?? afterMs);
  if (due === undefined) return { dueMs: undefined, nextMs, events: [] };
  const { dueMs } = due;
  const time = formatSeconds(dueMs);
  const events: ScheduleEvent[] = [];
  if (due.isManyMissed) {
    const note = 'More than 100 start times were missed: set or lower startingDeadlineSeconds, or check the clocks.';
    events.push({ type: 'Warning', reason: 'TooManyMissedTimes', note, of: time });
  }
  const { startingDeadlineSeconds: deadlineSeconds } = spec;
  if (deadlineSeconds !== undefined && dueMs + deadlineSeconds * 1000 <= nowMs) {
    const note = `Nothing was started for ${time} within ${deadlineSeconds} s.`;
    const isNews = status.lastMissedTime === undefined || Date.parse(status.lastMissedTime) < dueMs;
    if (isNews) events.push({ type: 'Warning', reason: 'MissSchedule', note, of: time });
    return { dueMs, missedMs: dueMs, nextMs, events };
  }
  const [running] = activeOf(executions);
  if (spec.concurrencyPolicy === 'Forbid' && running !== undefined) {
    const note = `Nothing is started for ${time} while ${running.name} has not finished: concurrencyPolicy is Forbid.`;
    events.push({ type: 'Normal', reason: 'ExecutionAlreadyActive', note, of: time });
    return { dueMs, nextMs, events };
  }
  return { dueMs, startMs: dueMs, nextMs, events };
}

function readSchedule({ spec }: ScheduleProjection): { times?: ScheduleTimes; obstacle?: Obstacle } {
  try {
    timeZone(spec.timeZone ?? DEFAULT_TIME_ZONE);
  } catch (error) {
    return { obstacle: { reason: 'UnknownTimeZone', message: messageOf(error) } };
  }
  try {
    return { times: scheduleTimes(spec) };
  } catch (error) {
    return { obstacle: { reason: 'InvalidSchedule', message: messageOf(error) } };
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof FormatError)) throw error;
  return `${error.message}.`;
}

/**
 * The schedule by which times count, and since when. A schedule that was changed starts nothing for a time before the change; but a start
 * that was due already by the schedule before is not lost, nor one that was due by the new schedule before an operator saw the change.
 */
function observedSchedule(
  schedule: ScheduleProjection,
  nowMs: number,
): Pick<ScriptScheduleStatus, 'observedSchedule' | 'observedSince'> {
  const { spec, status, changedMs = nowMs } = schedule;
  const observed = `${spec.timeZone ?? DEFAULT_TIME_ZONE} ${spec.schedule}`;
  if (status.observedSchedule === undefined) return { observedSchedule: observed };
  if (status.observedSchedule === observed) {
    return {
      observedSchedule: observed,
      ...(status.observedSince === undefined ? {} : { observedSince: status.observedSince }),
    };
  }
  const { nextScheduleTime } = status;
  const beforeDueMs = nextScheduleTime === undefined ? nowMs : Date.parse(nextScheduleTime) - 1000;
  // Times are moved by the spread as a whole.
  const sinceMs = Math.min(changedMs, nowMs) - spreadMs(schedule);
  return { observedSchedule: observed, observedSince: formatSeconds(Math.min(beforeDueMs, sinceMs)) };
}

/** What of a status stays whatever is decided. */
function kept({ lastScheduleTime, lastMissedTime, lastTrigger }: ScriptScheduleStatus): ScriptScheduleStatus {
  return {
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastMissedTime === undefined ? {} : { lastMissedTime }),
    ...(lastTrigger === undefined ? {} : { lastTrigger }),
  };
}

const byAge = (a: OwnedExecution, b: OwnedExecution): number =>
  a.createdMs - b.createdMs || (a.name < b.name ? -1 : Number(a.name > b.name));

const activeOf = (executions: readonly OwnedExecution[]): OwnedExecution[] =>
  executions.filter(({ ending }) => ending === undefined).sort(byAge);

function lastSuccess(before: string | undefined, executions: readonly OwnedExecution[]): ScriptScheduleStatus {
  const times = executions.flatMap(({ ending, completionTime }) =>
    ending === 'succeeded' && completionTime !== undefined ? [Date.parse(completionTime)] : [],
  );
  const last = Math.max(before === undefined ? Number.NEGATIVE_INFINITY : Date.parse(before), ...times);
  return Number.isFinite(last) ? { lastSuccessfulTime: formatSeconds(last) } : {};
}

function surplusOf({ schedule, executions, nowMs }: ScheduleSituation): {
  surplus: readonly OwnedExecution[];
  againMs: number | undefined;
} {
  const { successfulExecutionsHistoryLimit: succeeded, failedExecutionsHistoryLimit: failed } = schedule.spec;
  const beyond = Object.entries({ succeeded, failed }).flatMap(([ending, limit]) => {
    const finished = executions.filter((each) => each.ending === ending).sort(byAge);
    return finished.slice(0, Math.max(0, finished.length - limit));
  });
  const isOld = ({ createdMs }: OwnedExecution): boolean => createdMs + KEPT_MS <= nowMs;
  const younger = beyond.filter((each) => !isOld(each)).map(({ createdMs }) => createdMs + KEPT_MS);
  return { surplus: beyond.filter(isOld), againMs: soonest(younger) };
}

/** What has become of executions since the status was written. */
function changesOf({ schedule, executions }: ScheduleSituation): ScheduleEvent[] {
  const known = new Set(schedule.status.active?.map(({ uid }) => uid));
  return executions.flatMap(({ name, uid, ending }): ScheduleEvent[] => {
    if (ending !== undefined && known.has(uid)) {
      return [{ type: 'Normal', reason: 'SawCompletedExecution', note: `Execution ${name} has ${ending}.`, of: name }];
    }
    if (ending !== undefined || known.has(uid)) return [];
    const note = `Execution ${name} of this schedule was not in its status. It counts from now on.`;
    return [{ type: 'Warning', reason: 'UnexpectedExecution', note, of: name }];
  });
}

function obstacleEvents(obstacle: Obstacle | undefined): ScheduleEvent[] {
  if (obstacle === undefined) return [];
  return [{ type: 'Warning', reason: obstacle.reason, note: obstacle.message, of: obstacle.message }];
}

function soonest(times: readonly (number | undefined)[]): number | undefined {
  const earliest = Math.min(...times.filter((time) => time !== undefined));
  return Number.isFinite(earliest) ? earliest : undefined;
}
