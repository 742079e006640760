import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REASONS, type Reason } from '../../../../src/api/outcome.ts';
import { isTriedAgain, lastAttempt } from '../../../../src/operator/executions/retry.ts';
import { CLAIM, known, statusOf } from './objects.ts';

const ended = (attempts: number, spec: { backoffLimit: number; cancel?: boolean }) =>
  known({ spec, status: statusOf('Running', { attempts, claim: { ...CLAIM, attempt: attempts } }) });

describe('the next attempt', () => {
  test.each(Object.keys(REASONS) as Reason[])('after %s: only if the reason is retryable', (reason) => {
    expect(isTriedAgain(ended(1, { backoffLimit: 1 }), { reason })).toBe(REASONS[reason].retryable);
    expect(isTriedAgain(ended(1, { backoffLimit: 0 }), { reason })).toBe(false);
  });

  test.each([
    [1, 0, false],
    [1, 1, true],
    [2, 1, false],
    [2, 2, true],
    [3, 2, false],
    [101, 100, false],
  ])('after attempt %d with backoffLimit %d: %s', (attempts, backoffLimit, again) => {
    expect(isTriedAgain(ended(attempts, { backoffLimit }), { reason: 'PodLost' })).toBe(again);
  });

  test('is not made after a cancellation', () => {
    expect(isTriedAgain(ended(1, { backoffLimit: 5, cancel: true }), { reason: 'PodLost' })).toBe(false);
  });
});

describe('when it is due', () => {
  const delayOf = (attempt: number, uid = 'uid-1'): number =>
    lastAttempt(
      known({
        metadata: { uid },
        status: statusOf('Pending', {
          attempts: attempt,
          attemptHistory: [{ attempt, reason: 'PodLost', completionTime: '2026-11-22T10:00:00.000000Z' }],
        }),
      }),
    )?.waitMs ?? Number.NaN;

  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [9, 256_000],
    [10, 360_000],
    [50, 360_000],
  ])('after attempt %d: in %d ms and up to a quarter more', (attempt, baseMs) => {
    expect(delayOf(attempt)).toBeGreaterThanOrEqual(baseMs);
    expect(delayOf(attempt)).toBeLessThan(baseMs * 1.25);
  });

  test('is deterministic, and differs between executions', () => {
    expect(delayOf(1)).toBe(delayOf(1));
    const many = Array.from({ length: 50 }, (_, index) => delayOf(1, `${index}f7c1f4e-6a34-4c2b-9a51-5b4d5f0e8a11`));
    expect(new Set(many).size).toBeGreaterThan(45);
    expect(Math.max(...many) - Math.min(...many)).toBeGreaterThan(150);
  });

  test('is within its bounds for any uid', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 101 }), (uid, attempt) => {
        expect(delayOf(attempt, uid)).toBeGreaterThanOrEqual(1000);
        expect(delayOf(attempt, uid)).toBeLessThan(450_000);
      }),
    );
  });

  test.each([
    ['has made no attempt', statusOf('Pending')],
    ['runs', statusOf('Running', { attempts: 2, claim: CLAIM, attemptHistory: [{ attempt: 1 }] })],
    ['has a history without times', statusOf('Pending', { attempts: 1, attemptHistory: [{ attempt: 1 }] })],
  ])('is now for one that %s', (_, status) => {
    expect(lastAttempt(known({ status }))).toBeUndefined();
  });
});
