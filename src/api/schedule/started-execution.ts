import { API_VERSION } from '../crd.ts';
import type { JsonObject } from '../json.ts';
import type { ScriptExecution, ScriptSchedule } from '../types.generated.ts';
import { DEFAULT_TIME_ZONE, formatInZone, formatSeconds } from './schedule-times.ts';
import { timeZone } from './time-zone.ts';

/** Label of the executions of a schedule: its name. */
export const SCHEDULE_LABEL = 'copepod.dev/schedule';
/** Annotation of the executions of a schedule: the time that they were started for, as the clocks of its zone show it. */
export const SCHEDULED_TIME_ANNOTATION = 'copepod.dev/scheduled-time';

/** Annotation of a schedule that starts an execution at once: whenever its value is another than the one before. */
export const TRIGGER_ANNOTATION = 'copepod.dev/trigger';

/** An execution as its author would write it, with its defaults. */
export type NewExecution = Pick<ScriptExecution, 'apiVersion' | 'kind' | 'metadata' | 'spec'>;

/** Why an execution of a schedule is started. */
export interface Start {
  readonly name: string;
  /** The time of the schedule, in milliseconds since the epoch. */
  readonly scheduledMs: number;
  readonly triggeredBy: 'system' | 'user';
}

/**
 * The name of the execution that a schedule starts for a time: `NAME-MINUTES`, with the minutes since the epoch, as a CronJob's Jobs
 * are named. No API server takes a name twice, so nothing is started twice, whoever leads.
 */
export function executionName(schedule: string, scheduledMs: number): string {
  return `${schedule}-${Math.floor(scheduledMs / 60_000)}`;
}

/** The execution that a schedule starts by its expression. */
export function executionAt(schedule: ScriptSchedule, scheduledMs: number): NewExecution {
  const name = executionName(schedule.metadata.name, scheduledMs);
  return startedExecution(schedule, { name, scheduledMs, triggeredBy: 'system' });
}

/**
 * The execution that a schedule starts: its template's spec, with `params.scheduledTime`, `params.cron` and `context.execution`.
 *
 * @throws FormatError where the schedule's time zone is none
 */
export function startedExecution(schedule: ScriptSchedule, { name, scheduledMs, triggeredBy }: Start): NewExecution {
  const { executionTemplate: template, timeZone: zoneName } = schedule.spec;
  const { spec } = template;
  const zone = timeZone(zoneName ?? DEFAULT_TIME_ZONE);
  const params = (spec.params ?? {}) as JsonObject;
  const author = spec.context?.execution?.createdBy;
  const createdBy = author === undefined ? {} : { createdBy: author };
  return {
    apiVersion: API_VERSION,
    kind: 'ScriptExecution',
    metadata: {
      name,
      namespace: schedule.metadata.namespace,
      labels: { ...template.metadata?.labels, [SCHEDULE_LABEL]: schedule.metadata.name },
      annotations: {
        ...template.metadata?.annotations,
        [SCHEDULED_TIME_ANNOTATION]: formatInZone(scheduledMs, zone),
      },
    },
    spec: {
      ...spec,
      params: { ...params, scheduledTime: formatSeconds(scheduledMs), cron: schedule.spec.schedule },
      context: { ...spec.context, execution: { type: 'cron', triggeredBy, ...createdBy } },
    },
  };
}
