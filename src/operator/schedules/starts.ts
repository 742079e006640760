import { createHash } from 'node:crypto';
import { formatSeconds } from '../../api/schedule/schedule-times.ts';
import { executionName, type Start, TRIGGER_ANNOTATION } from '../../api/schedule/started-execution.ts';
import type { OwnedExecution } from './owned-execution.ts';
import type { ScheduleProjection } from './schedule-projection.ts';

/** An execution to start, and those to cancel for it. */
export interface DueStart extends Start {
  readonly replaces: readonly OwnedExecution[];
}

/** What a status holds of a trigger at most, in characters. */
const MAX_TOKEN = 253;

/** The start for a time of the schedule. @param active those that have not finished */
export function scheduledStart(
  schedule: ScheduleProjection,
  active: readonly OwnedExecution[],
  scheduledMs: number,
): DueStart {
  const name = executionName(schedule.metadata.name, scheduledMs);
  const isReplacing = schedule.spec.concurrencyPolicy === 'Replace';
  const replaces = isReplacing ? active.filter((each) => !each.isLeaving && each.name !== name) : [];
  return { name, scheduledMs, triggeredBy: 'system', replaces };
}

/** A start that somebody asks for, whatever `suspend` and `concurrencyPolicy` say: as `kubectl create job --from=cronjob/NAME`. */
export function manualStart({ metadata, status }: ScheduleProjection, nowMs: number): DueStart | undefined {
  const token = triggerOf(metadata.annotations);
  if (token === undefined || token === status.lastTrigger) return undefined;
  const hash = createHash('sha256').update(token).digest('hex').slice(0, 8);
  const scheduledMs = Math.floor(nowMs / 1000) * 1000;
  return { name: `${metadata.name}-t${hash}`, scheduledMs, triggeredBy: 'user', replaces: [] };
}

/** The value of the annotation copepod.dev/trigger, as far as a status can hold it. */
function triggerOf(annotations: Readonly<Record<string, string>> | undefined): string | undefined {
  const token = annotations?.[TRIGGER_ANNOTATION];
  return token === undefined || token === '' ? undefined : [...token].slice(0, MAX_TOKEN).join('');
}

/**
 * A schedule after a start: what is decided next is decided from it.
 *
 * @param uid of the execution that was started; left out where it is not to be taken for known
 */
export function afterStart(schedule: ScheduleProjection, start: Start, uid?: string): ScheduleProjection {
  const { metadata, status } = schedule;
  const { name, scheduledMs, triggeredBy } = start;
  const active = [...(status.active ?? []), ...(uid === undefined ? [] : [{ name, uid }])];
  const token = triggerOf(metadata.annotations);
  const done =
    triggeredBy === 'system'
      ? { lastScheduleTime: formatSeconds(scheduledMs) }
      : { ...(token === undefined ? {} : { lastTrigger: token }) };
  return { ...schedule, status: { ...status, active, ...done } };
}
