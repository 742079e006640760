import type { ScriptScheduleSpec, ScriptScheduleStatus } from '../../../../src/api/types.generated.ts';
import type { OwnedExecution } from '../../../../src/operator/schedules/owned-execution.ts';
import type { ScheduleProjection } from '../../../../src/operator/schedules/schedule-projection.ts';

export const CREATED = '2026-11-30T09:59:30Z';

/** A schedule that starts every minute, made half a minute before ten. */
export function schedule(
  spec: Partial<ScriptScheduleSpec> = {},
  status: ScriptScheduleStatus = {},
  metadata: Partial<ScheduleProjection['metadata']> = {},
): ScheduleProjection {
  return {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptSchedule',
    metadata: {
      name: 'tick',
      namespace: 'shop',
      uid: 'uid-tick',
      generation: 1,
      creationTimestamp: CREATED,
      ...metadata,
    },
    spec: {
      schedule: '* * * * *',
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulExecutionsHistoryLimit: 3,
      failedExecutionsHistoryLimit: 1,
      ...spec,
    },
    status,
    templateProblem: undefined,
    changedMs: undefined,
  };
}

/** An execution of it; one that runs where no ending is given. */
export function execution(name: string, rest: Partial<OwnedExecution> = {}): OwnedExecution {
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    createdMs: Date.parse(CREATED),
    ending: undefined,
    completionTime: undefined,
    isLeaving: false,
    ...rest,
  };
}
