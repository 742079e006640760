/** All statuses that the operator writes for an execution. Pure; each replaces the whole status. */
import { executionConditions } from '../../api/conditions.ts';
import { type EndReason, REASONS, type Reason } from '../../api/outcome.ts';
import { finishedStatus, type OutcomeInput } from '../../api/status.ts';
import { formatTime } from '../../api/time.ts';
import type {
  ExecutionAttempt,
  ExecutionClaim,
  ScriptExecution,
  ScriptExecutionStatus,
} from '../../api/types.generated.ts';
import type { ClaimedPod } from '../dispatch/slots.ts';
import type { ExecutionProjection, ProjectedStatus } from './execution-projection.ts';

/** Number of previous attempts in a status. */
const MAX_HISTORY = 5;

/** It waits for this reason, since this time. */
export function waitingStatus(
  execution: ExecutionProjection,
  { reason, message, since }: { reason: Reason; message: string; since: Date },
): ScriptExecutionStatus {
  const { generation = 1 } = execution.metadata;
  const { status } = execution;
  return {
    observedGeneration: generation,
    conditions: executionConditions({
      reason,
      message,
      generation,
      now: since,
      previous: status.conditions ?? [],
    }),
    run: status.run ?? 1,
    runDigest: execution.digest,
    ...history(status),
  };
}

/** What is run has changed: the next run, from its start. */
export function restartedStatus(execution: ExecutionProjection, now: Date): ScriptExecutionStatus {
  const { generation = 1 } = execution.metadata;
  const message = 'What is run has changed: the next run is pending.';
  return {
    observedGeneration: generation,
    // Without the previous conditions: this is the time of the request.
    conditions: executionConditions({ reason: 'Pending', message, generation, now }),
    run: (execution.status.run ?? 0) + 1,
    runDigest: execution.digest,
    attempts: 0,
  };
}

/** It is claimed for a pod. Written before the request to the pod, for the object that was read. */
export function claimedStatus(
  execution: ExecutionProjection,
  slot: ClaimedPod,
  { sourceDigest, now }: { sourceDigest: string | undefined; now: Date },
): ScriptExecutionStatus & { claim: ExecutionClaim } {
  const { generation = 1 } = execution.metadata;
  const { status } = execution;
  const attempt = (status.attempts ?? 0) + 1;
  const message = `It runs on pod ${slot.podName}.`;
  return {
    observedGeneration: generation,
    conditions: executionConditions({
      reason: 'Running',
      message,
      generation,
      now,
      previous: status.conditions ?? [],
    }),
    run: status.run ?? 1,
    runDigest: execution.digest,
    ...(sourceDigest === undefined ? {} : { sourceDigest }),
    attempts: attempt,
    ...(status.attemptHistory === undefined ? {} : { attemptHistory: status.attemptHistory }),
    claim: {
      podName: slot.podName,
      podUID: slot.podUID,
      bootID: slot.bootID,
      attempt,
      claimTime: formatTime(now),
    },
  };
}

/** The pod has certainly not started it: the claim is released, without counting as an attempt. */
export function releasedStatus(execution: ExecutionProjection, why: string, now: Date): ScriptExecutionStatus {
  const { attempts = 1, sourceDigest, ...status } = execution.status;
  const message = `A pod refused it (${why}); it waits for another.`;
  const waiting = waitingStatus({ ...execution, status }, { reason: 'Pending', message, since: now });
  // The digest of its source belongs to an earlier attempt, or does not exist.
  return {
    ...waiting,
    attempts: attempts - 1,
    ...(sourceDigest === undefined || attempts <= 1 ? {} : { sourceDigest }),
  };
}

/** It has finished on a pod. */
export function endedStatus(execution: ExecutionProjection, outcome: OutcomeInput): ScriptExecutionStatus {
  const { status, digest } = execution;
  const { run = 1, attempts = 1, sourceDigest, attemptHistory, claim } = status;
  // The digest of the claimed spec: fields that are not run may have changed.
  const runDigest = status.runDigest ?? digest;
  const info = { run, runDigest, attempts, ...(sourceDigest === undefined ? {} : { sourceDigest }) };
  return {
    ...finishedStatus(execution, outcome, info),
    ...(attemptHistory === undefined ? {} : { attemptHistory }),
    ...(claim === undefined ? {} : { claim }),
  };
}

/** It has finished without a run on a pod. */
export function unstartedStatus(
  execution: ExecutionProjection,
  { reason, message, now }: { reason: EndReason; message: string; now: Date },
): ScriptExecutionStatus {
  const { generation = 1 } = execution.metadata;
  const { status } = execution;
  const { errorType, retryable } = REASONS[reason];
  return {
    observedGeneration: generation,
    conditions: executionConditions({ reason, message, generation, now, previous: status.conditions ?? [] }),
    run: status.run ?? 1,
    runDigest: execution.digest,
    ...history(status),
    completionTime: formatTime(now),
    ...(errorType === null ? {} : { error: { type: errorType, message, retryable } }),
  };
}

/** An attempt has failed, and is retried. */
export function retryStatus(execution: ExecutionProjection, outcome: OutcomeInput, now: Date): ScriptExecutionStatus {
  const ended = endedStatus(execution, outcome);
  const { claim, attemptHistory = [] } = execution.status;
  const attempt: ExecutionAttempt = {
    attempt: claim?.attempt ?? ended.attempts ?? 1,
    ...(claim === undefined ? {} : { podName: claim.podName, podUID: claim.podUID }),
    ...(ended.startTime === undefined ? {} : { startTime: ended.startTime }),
    // The next attempt is timed from it, so a time in the future from a pod is not accepted.
    completionTime: formatTime(outcome.completionTime < now ? outcome.completionTime : now),
    reason: outcome.reason,
    ...(ended.error === undefined ? {} : { error: ended.error }),
  };
  const message = `Attempt ${attempt.attempt} ended with ${outcome.reason}: ${outcome.error?.message ?? ''}`;
  const waiting = waitingStatus(execution, { reason: 'Pending', message, since: now });
  return { ...waiting, attemptHistory: [...attemptHistory, attempt].slice(-MAX_HISTORY) };
}

/** A new generation without a change of what is run: the same status for the new generation. */
export function observedStatus({ metadata, status }: ScriptExecution): ScriptExecutionStatus {
  const { generation = 1 } = metadata;
  const conditions = status.conditions?.map((each) => ({ ...each, observedGeneration: generation }));
  return { ...status, observedGeneration: generation, ...(conditions === undefined ? {} : { conditions }) };
}

/** The history of the current run. */
function history(status: ProjectedStatus): ScriptExecutionStatus {
  const { attempts = 0, attemptHistory, sourceDigest } = status;
  return {
    attempts,
    ...(attemptHistory === undefined ? {} : { attemptHistory }),
    ...(sourceDigest === undefined ? {} : { sourceDigest }),
  };
}
