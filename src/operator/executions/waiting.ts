import { readyCondition, succeededCondition } from '../../api/conditions.ts';
import type { Reason } from '../../api/outcome.ts';
import { type ExecutionProjection, PROJECTED_MESSAGE } from './execution-projection.ts';

/** The reason to wait, as in the conditions. */
export interface WaitReason {
  readonly reason: Reason;
  readonly message: string;
}

/**
 * When the current run started to wait according to its object, in milliseconds since the epoch. Undefined if unknown,
 * and for a suspended execution, which starts to wait when it is resumed.
 */
export function waitsSince({ metadata, status }: ExecutionProjection): number | undefined {
  const ready = readyCondition(status);
  if (ready?.reason === 'Suspended') return undefined;
  const since = Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
  return Number.isFinite(since) ? since : undefined;
}

/** The same; now if it is unknown or in the future. */
export const waitingSince = (execution: ExecutionProjection, now: number): number =>
  Math.min(waitsSince(execution) ?? now, now);

/** Whether the status already has this reason to wait. */
export function saysSo({ metadata, status, digest }: ExecutionProjection, { reason, message }: WaitReason): boolean {
  const succeeded = succeededCondition(status);
  return (
    status.observedGeneration === metadata.generation &&
    status.runDigest === digest &&
    succeeded?.reason === reason &&
    succeeded.message === message.slice(0, PROJECTED_MESSAGE)
  );
}

/** Milliseconds until the starting deadline of an execution that has waited this long; undefined without one. */
export function deadlineMs({ spec, status }: ExecutionProjection, waitedMs: number): number | undefined {
  if (spec.startingDeadlineSeconds === undefined || (status.attempts ?? 0) > 0) return undefined;
  return Math.max(1, spec.startingDeadlineSeconds * 1000 - waitedMs);
}
