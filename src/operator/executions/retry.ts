import { hash } from 'node:crypto';
import { REASONS } from '../../api/outcome.ts';
import type { OutcomeInput } from '../../api/status.ts';
import { backoffMs } from '../kube/backoff.ts';
import type { ExecutionProjection } from './execution-projection.ts';

/** As Jobs have it: 10 s, doubled each time, 6 minutes at most. Here a failed attempt costs milliseconds: 1 s. */
const BACKOFF = { baseMs: 1000, maxMs: 360_000, factor: 2 };
/** Up to this share is added, so that what failed together is not tried again together. */
const JITTER = 0.25;

/** Whether an attempt that has ended so is followed by another. */
export function isTriedAgain({ spec, status }: ExecutionProjection, { reason }: Pick<OutcomeInput, 'reason'>): boolean {
  return REASONS[reason].retryable && !spec.cancel && (status.attempts ?? 1) <= spec.backoffLimit;
}

/**
 * When the last attempt of the present run has ended, in milliseconds since the epoch, and how long after that the next is due;
 * undefined where the first one is. The same for everybody who asks: what differs between executions is taken from their uid.
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

/** From 0 up to 1, by what a text is. */
const fraction = (text: string): number => hash('sha256', text, 'buffer').readUInt32BE() / 2 ** 32;
