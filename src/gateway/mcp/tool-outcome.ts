import { succeededCondition } from '../../api/conditions.ts';
import type { JsonObject, JsonValue } from '../../api/json.ts';
import type { ScriptExecutionStatus } from '../../api/types.generated.ts';
import type { Refusal } from '../refusal.ts';
import type { ToolOutcome } from './execute-tool.ts';

/** The outcome of an execution, from its status: what a model needs of it. Pure. */
export function executedOutcome(status: ScriptExecutionStatus): ToolOutcome {
  const succeeded = succeededCondition(status);
  const { result, error, logs = [], usage } = status;
  return {
    isError: succeeded?.status !== 'True',
    content: {
      reason: succeeded?.reason ?? 'Unknown',
      ...(result === undefined ? {} : { result: result as JsonValue }),
      logs: logs.map(({ level, message }) => ({ level, message })),
      ...(error === undefined ? {} : { error: { ...error } as JsonObject }),
      ...(usage === undefined ? {} : { usage: { ...usage } as JsonObject }),
    },
  };
}

/** The outcome of code that was not started. Pure. */
export function refusedOutcome({ reason, message, details }: Refusal): ToolOutcome {
  const retryable = details.retryAfterSeconds !== undefined;
  return { isError: true, content: { reason, logs: [], error: { type: 'Refused', message, retryable } } };
}

/** The outcome of a call that was cancelled, or whose client is gone. Pure. */
export function cancelledOutcome(): ToolOutcome {
  const error = { type: 'Cancelled', message: 'the call was cancelled, and so was its code', retryable: true };
  return { isError: true, content: { reason: 'Cancelled', logs: [], error } };
}
