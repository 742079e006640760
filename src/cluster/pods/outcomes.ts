import { clip } from '../../api/conditions.ts';
import type { OutcomeInput } from '../../api/status.ts';

/** An error's message is in the error and in each condition. */
const SHORT_MESSAGE = 256;

/** The outcome of an attempt whose pod is lost. */
export function lostOutcome(
  { status }: { readonly status: { readonly claim?: { readonly claimTime: string } | undefined } },
  message: string,
  now: Date,
): OutcomeInput {
  const claimTime = Date.parse(status.claim?.claimTime ?? '');
  return {
    reason: 'PodLost',
    error: { type: 'InternalError', message, retryable: true },
    logs: [],
    startTime: Number.isFinite(claimTime) ? new Date(claimTime) : now,
    completionTime: now,
  };
}

/** The outcome of an execution cancelled before its pod answered. */
export function cancelledOutcome(now: Date): OutcomeInput {
  return { reason: 'Cancelled', logs: [], startTime: now, completionTime: now };
}

/** The outcome of an attempt whose pod answers invalidly: the result of the script is unknown. */
export function unreadableOutcome(now: Date): OutcomeInput {
  return {
    reason: 'SandboxLost',
    error: { type: 'InternalError', message: "The pod's answer is not an outcome.", retryable: true },
    logs: [],
    startTime: now,
    completionTime: now,
  };
}

/** The outcome of an attempt whose outcome exceeds the limits of its runtime; none of it is read. */
export function tooLargeOutcome(now: Date): OutcomeInput {
  const message = "The pod's answer exceeds the runtime's limits of results and logs.";
  return {
    reason: 'ResultTooLarge',
    error: { type: 'ResourceError', message, retryable: false },
    logs: [],
    startTime: now,
    completionTime: now,
  };
}

/**
 * An outcome, followed by shorter versions for an object without enough space: etcd takes 1.5 MiB, of which script and
 * params may use a large part.
 */
export function* shorterOutcomes(outcome: OutcomeInput): Generator<OutcomeInput, void> {
  yield outcome;
  const logs = leftOut(outcome);
  yield { ...outcome, logs };
  const { error } = outcome;
  if (error) yield { ...outcome, logs, error: { ...error, message: clip(error.message, SHORT_MESSAGE) } };
  if (outcome.result === undefined) return;
  const { result: _, ...rest } = outcome;
  const message = 'The script completed, but the object has no space for its result besides the script and its params.';
  yield {
    ...rest,
    reason: 'ResultTooLarge',
    error: { type: 'ResourceError', message, retryable: false },
    logs,
  };
}

/** Replaces logs that do not fit into the object by their number of lines. */
function leftOut({ logs, completionTime }: OutcomeInput): OutcomeInput['logs'] {
  if (logs.length === 0) return [];
  const lines = logs.length === 1 ? '1 line' : `${logs.length} lines`;
  const message = `${lines} of log left out: the object has no space for them besides the script and its params.`;
  return [{ time: completionTime, level: 'warn', message }];
}
