import { checkTemplate } from '../../api/schedule/check-schedule.ts';
import { TRIGGER_ANNOTATION } from '../../api/schedule/started-execution.ts';
import type { ScriptSchedule, ScriptScheduleSpec } from '../../api/types.generated.ts';
import { projectedMetadata } from '../projected-metadata.ts';
import { scheduleChangedMs } from './changed-time.ts';

/**
 * What the cache keeps of a ScriptSchedule: all but the script. The template is read when an execution is started, and with it whether
 * the schedule is still what it was.
 */
export interface ScheduleProjection extends Omit<ScriptSchedule, 'spec'> {
  readonly spec: Omit<ScriptScheduleSpec, 'executionTemplate'>;
  /** Why nothing can be started from its template. */
  readonly templateProblem: string | undefined;
  /** When its schedule was last set: see scheduleChangedMs. */
  readonly changedMs: number | undefined;
}

/** The projection of a ScriptSchedule that is cached. */
export function projectSchedule(schedule: ScriptSchedule): ScheduleProjection {
  const { apiVersion, kind, metadata, spec, status } = schedule;
  const { name, annotations } = metadata;
  const { executionTemplate, ...rest } = spec;
  const [problem] = checkTemplate(name, executionTemplate);
  const trigger = annotations?.[TRIGGER_ANNOTATION];
  return {
    apiVersion,
    kind,
    metadata: {
      ...projectedMetadata(metadata),
      ...(trigger === undefined ? {} : { annotations: { [TRIGGER_ANNOTATION]: trigger } }),
    },
    spec: rest,
    status,
    templateProblem: problem && `${problem.path} ${problem.message}`,
    changedMs: scheduleChangedMs(schedule),
  };
}
