import { executionConditions } from '../../api/conditions.ts';
import { runDigest } from '../../api/digest.ts';
import { REASONS } from '../../api/outcome.ts';
import { formatTime } from '../../api/time.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import type { Withheld } from './withheld.ts';

/** The `status` of an execution without a start: waiting, or finished before it started. */
export function unstartedStatus(
  { metadata, spec }: ScriptExecution,
  { reason, message }: Withheld,
  now: Date,
): ScriptExecutionStatus {
  const generation = metadata.generation ?? 1;
  const { succeeded, errorType, retryable } = REASONS[reason];
  return {
    observedGeneration: generation,
    conditions: executionConditions({ reason, message, generation, now }),
    run: 1,
    runDigest: runDigest(spec),
    attempts: 0,
    ...(succeeded === 'Unknown' ? {} : { completionTime: formatTime(now) }),
    ...(errorType === null ? {} : { error: { type: errorType, message, retryable } }),
  };
}
