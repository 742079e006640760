import { describe, expect, test } from '@jest/globals';
import { backoffMs, KeyedBackoff } from '../../../src/kube/backoff.ts';

describe('the delay after consecutive failures', () => {
  test.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [10, 2560],
    [18, 655_360],
    [19, 1_000_000],
    [5000, 1_000_000],
  ])('after %i failures is %i ms with the defaults of controller-runtime', (failures, waitMs) => {
    expect(backoffMs(failures, { baseMs: 5, maxMs: 1_000_000 })).toBe(waitMs);
  });

  test.each([
    [0, 100],
    [0.5, 125],
    [0.999, 149.95],
  ])('includes jitter: a random number of %d turns 100 ms into %d ms', (random, waitMs) => {
    expect(backoffMs(1, { baseMs: 100, maxMs: 1000, jitter: 0.5, random: () => random })).toBeCloseTo(waitMs);
  });

  test('grows per key, and restarts at the base after forget', () => {
    const backoff = new KeyedBackoff<string>({ baseMs: 5, maxMs: 1000 });
    expect([backoff.next('a'), backoff.next('a'), backoff.next('b')]).toEqual([5, 10, 5]);
    expect(backoff.failures('a')).toBe(2);
    backoff.forget('a');
    expect([backoff.failures('a'), backoff.next('a'), backoff.next('b')]).toEqual([0, 5, 10]);
  });
});
