import { fieldError } from '../../api/field-path.ts';
import type { ManifestDocument } from '../../api/manifest.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import { scheduleTimes } from '../../api/schedule/schedule-times.ts';
import type { ScriptSchedule } from '../../api/types.generated.ts';

/** Valid schedules that never start, such as one for the 30th of February. */
export function neverProblems(schedules: readonly ManifestDocument<ScriptSchedule>[]): ManifestProblem[] {
  return schedules.flatMap(({ object, origin }) => {
    if (scheduleTimes(object.spec).next(Date.now()) !== undefined) return [];
    const message = `${JSON.stringify(object.spec.schedule)} matches no time within five years`;
    return [origin.problem(fieldError(['spec', 'schedule'], message))];
  });
}
