import type { Reason } from '../../api/outcome.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import type { ReconcileResult } from '../kube/controller.ts';
import type { KnownExecution } from './known-execution.ts';

/**
 * When the present run began to wait, as its object says, in milliseconds since the epoch. Undefined where that can't be read,
 * and of a suspended one, which has not begun to: what is released waits from then on.
 */
export function waitsSince({ metadata, status }: ScriptExecution): number | undefined {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.reason === 'Suspended') return undefined;
  const since = Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
  return Number.isFinite(since) ? since : undefined;
}

/** The same, and now where that is not known or seems to be yet to come. */
export const waitingSince = (execution: ScriptExecution, now: number): number =>
  Math.min(waitsSince(execution) ?? now, now);

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
export function lookAgain(
  execution: KnownExecution,
  waitedMs: number,
  forMs = Number.POSITIVE_INFINITY,
): ReconcileResult {
  const { spec, status } = execution;
  const isOnTime = spec.startingDeadlineSeconds === undefined || (status.attempts ?? 0) > 0;
  const deadlineMs = isOnTime ? Number.POSITIVE_INFINITY : (spec.startingDeadlineSeconds ?? 0) * 1000 - waitedMs;
  const leftMs = Math.min(deadlineMs, forMs);
  return Number.isFinite(leftMs) ? { requeueAfterMs: Math.max(1, leftMs) } : undefined;
}
