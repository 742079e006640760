import { succeededCondition } from '../../api/conditions.ts';
import { REASONS, type Reason } from '../../api/outcome.ts';
import type { ScriptExecutionStatus } from '../../api/types.generated.ts';

/** Whether the condition `Succeeded` has a final status for the current run. */
export function isFinished(status: Pick<ScriptExecutionStatus, 'conditions'>): boolean {
  const succeeded = succeededCondition(status);
  if (succeeded === undefined) return false;
  // For a reason of another version, the status decides.
  return (REASONS[succeeded.reason as Reason]?.succeeded ?? succeeded.status) !== 'Unknown';
}
