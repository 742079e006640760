import { REASONS, type Reason } from '../../api/outcome.ts';
import type { ScriptExecutionStatus } from '../../api/types.generated.ts';

/** Whether the condition `Succeeded` says that the present run is over. */
export function isFinished(status: Pick<ScriptExecutionStatus, 'conditions'>): boolean {
  const succeeded = status.conditions?.find(({ type }) => type === 'Succeeded');
  if (succeeded === undefined) return false;
  // Of a reason that another version has written, its status tells.
  return (REASONS[succeeded.reason as Reason]?.succeeded ?? succeeded.status) !== 'Unknown';
}
