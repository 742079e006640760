import { clip } from '../../api/conditions.ts';
import type { OutcomeInput } from '../../api/status.ts';
import type { ExecutionProjection } from './execution-projection.ts';

/** An error's message stands in the error and in each condition. */
const SHORT_MESSAGE = 256;

/** How an attempt ends whose pod is gone. */
export function lostOutcome({ status }: Pick<ExecutionProjection, 'status'>, message: string, now: Date): OutcomeInput {
  const claimTime = Date.parse(status.claim?.claimTime ?? '');
  return {
    reason: 'PodLost',
    error: { type: 'InternalError', message, retryable: true },
    logs: [],
    startTime: Number.isFinite(claimTime) ? new Date(claimTime) : now,
    completionTime: now,
  };
}

/** How an execution ends that was cancelled before its pod could say how far it came. */
export function cancelledOutcome(now: Date): OutcomeInput {
  return { reason: 'Cancelled', logs: [], startTime: now, completionTime: now };
}

/** How an attempt ends whose pod speaks, and not our language: what the script did, nobody can tell. */
export function unreadableOutcome(now: Date): OutcomeInput {
  return {
    reason: 'SandboxLost',
    error: { type: 'InternalError', message: "The pod's answer is not an outcome.", retryable: true },
    logs: [],
    startTime: now,
    completionTime: now,
  };
}

/** How an attempt ends whose outcome is larger than the limits of its runtime allow; none of it is read. */
export function tooLargeOutcome(now: Date): OutcomeInput {
  const message = "The pod's answer has more bytes than the runtime's limits of results and logs allow.";
  return {
    reason: 'ResultTooLarge',
    error: { type: 'ResourceError', message, retryable: false },
    logs: [],
    startTime: now,
    completionTime: now,
  };
}

/**
 * An outcome, and what is left of it where the object has no room: etcd takes 1.5 MiB, of which the script and its params
 * may fill a good part.
 */
export function* shorterOutcomes(outcome: OutcomeInput): Generator<OutcomeInput, void> {
  yield outcome;
  const logs = leftOut(outcome);
  yield { ...outcome, logs };
  const { error } = outcome;
  if (error) yield { ...outcome, logs, error: { ...error, message: clip(error.message, SHORT_MESSAGE) } };
  if (outcome.result === undefined) return;
  const { result: _, ...rest } = outcome;
  const message = 'The script completed, and the object has no room for its result beside the script and its params.';
  yield {
    ...rest,
    reason: 'ResultTooLarge',
    error: { type: 'ResourceError', message, retryable: false },
    logs,
  };
}

/** What stands in the place of logs that the object has no room for: that there were some, and how many lines. */
function leftOut({ logs, completionTime }: OutcomeInput): OutcomeInput['logs'] {
  if (logs.length === 0) return [];
  const lines = logs.length === 1 ? '1 line' : `${logs.length} lines`;
  const message = `${lines} of log left out: the object has no room for them beside the script and its params.`;
  return [{ time: completionTime, level: 'warn', message }];
}
