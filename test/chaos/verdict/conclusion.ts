import type { ScriptExecution } from '../../../src/api/types.generated.ts';

/** Reason of the condition `Succeeded`. */
export const reasonOf = ({ status }: ScriptExecution): string =>
  status?.conditions?.find(({ type }) => type === 'Succeeded')?.reason ?? 'nothing';

/** The recorded outcome of an execution as text; undefined if it has not finished. */
export function conclusionOf({ status }: ScriptExecution): string | undefined {
  const succeeded = status?.conditions?.find(({ type }) => type === 'Succeeded');
  if (succeeded === undefined || succeeded.status === 'Unknown') return undefined;
  const { run, attempts, claim, startTime, completionTime, result } = status;
  const pod = claim?.podName;
  return JSON.stringify({ reason: succeeded.reason, run, attempts, pod, startTime, completionTime, result });
}
