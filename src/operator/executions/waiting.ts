import type { Reason } from '../../api/outcome.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import type { ReconcileResult } from '../kube/controller.ts';
import type { KnownExecution } from './known-execution.ts';

/**
 * When the present run began to wait, in milliseconds since the epoch. A suspended one has not begun to: what is released
 * waits from then on.
 */
export function waitingSince({ metadata, status }: ScriptExecution, now: number): number {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.reason === 'Suspended') return now;
  const since = Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
  return Number.isFinite(since) ? Math.min(since, now) : now;
}

/** Whether the status says already why it waits. */
export function saysSo(
  { metadata, status, digest }: KnownExecution,
  { reason, message }: { reason: Reason; message: string },
): boolean {
  const succeeded = status.conditions?.find(({ type }) => type === 'Succeeded');
  return (
    status.observedGeneration === metadata.generation &&
    status.runDigest === digest &&
    succeeded?.reason === reason &&
    succeeded.message === message
  );
}

/** When time alone may change what is to be done with an execution that waits. */
export function lookAgain(execution: KnownExecution, now: number, untilMs = Number.POSITIVE_INFINITY): ReconcileResult {
  const { spec, status } = execution;
  const isOnTime = spec.startingDeadlineSeconds === undefined || (status.attempts ?? 0) > 0;
  const deadlineMs = isOnTime
    ? Number.POSITIVE_INFINITY
    : waitingSince(execution, now) + (spec.startingDeadlineSeconds ?? 0) * 1000;
  const at = Math.min(deadlineMs, untilMs);
  return Number.isFinite(at) ? { requeueAfterMs: Math.max(1, at - now) } : undefined;
}
