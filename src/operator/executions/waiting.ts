import type { Reason } from '../../api/outcome.ts';
import { type ExecutionProjection, PROJECTED_MESSAGE } from './execution-projection.ts';

/** Why an execution waits, as its conditions say it. */
export interface WaitReason {
  readonly reason: Reason;
  readonly message: string;
}

/**
 * When the present run began to wait, as its object says, in milliseconds since the epoch. Undefined where that cannot be read,
 * and of a suspended one, which begins to wait when it is released.
 */
export function waitsSince({ metadata, status }: ExecutionProjection): number | undefined {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.reason === 'Suspended') return undefined;
  const since = Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
  return Number.isFinite(since) ? since : undefined;
}

/** The same; now where that is unknown or in the future. */
export const waitingSince = (execution: ExecutionProjection, now: number): number =>
  Math.min(waitsSince(execution) ?? now, now);

/** Whether the status says already why it waits. */
export function saysSo({ metadata, status, digest }: ExecutionProjection, { reason, message }: WaitReason): boolean {
  const succeeded = status.conditions?.find(({ type }) => type === 'Succeeded');
  return (
    status.observedGeneration === metadata.generation &&
    status.runDigest === digest &&
    succeeded?.reason === reason &&
    succeeded.message === message.slice(0, PROJECTED_MESSAGE)
  );
}

/** Milliseconds until the start of an execution that has waited so long is too late; undefined where it never is. */
export function deadlineMs({ spec, status }: ExecutionProjection, waitedMs: number): number | undefined {
  if (spec.startingDeadlineSeconds === undefined || (status.attempts ?? 0) > 0) return undefined;
  return Math.max(1, spec.startingDeadlineSeconds * 1000 - waitedMs);
}
