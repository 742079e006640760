import { hash } from 'node:crypto';
import { REASONS } from '../../api/outcome.ts';
import type { OutcomeInput } from '../../api/status.ts';
import { backoffMs } from '../../kube/backoff.ts';
import type { ExecutionProjection } from './execution-projection.ts';

/** Jobs use 10 s, doubled each time, at most 6 minutes. A failed attempt is cheaper here: it starts at 1 s. */
const BACKOFF = { baseMs: 1000, maxMs: 360_000, factor: 2 };
/** Random share added to the delay, so that executions that failed together are not retried together. */
const JITTER = 0.25;

/** Whether an attempt with this outcome is retried. */
export function isTriedAgain({ spec, status }: ExecutionProjection, { reason }: Pick<OutcomeInput, 'reason'>): boolean {
  return REASONS[reason].retryable && !spec.cancel && (status.attempts ?? 1) <= spec.backoffLimit;
}

/**
 * When the last attempt of the current run finished, in milliseconds since the epoch, and the delay until the next;
 * undefined if the first one is due. Deterministic: the jitter depends on the uid.
 */
export function lastAttempt({
  metadata,
  status,
}: ExecutionProjection): { endedAt: number; waitMs: number } | undefined {
  const last = status.attemptHistory?.at(-1);
  if (last === undefined || status.claim !== undefined) return undefined;
  const endedAt = Date.parse(last.completionTime ?? '');
  if (!Number.isFinite(endedAt)) return undefined;
  const random = (): number => fraction(metadata.uid ?? metadata.name);
  return { endedAt, waitMs: backoffMs(last.attempt, { ...BACKOFF, jitter: JITTER, random }) };
}

/** A number in [0, 1) derived from a text. */
const fraction = (text: string): number => hash('sha256', text, 'buffer').readUInt32BE() / 2 ** 32;
