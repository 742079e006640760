import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { RecentCounts } from '../../../../src/operator/executions/recent-counts.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function countsOf(times: Readonly<Record<string, number>>): RecentCounts {
  const counts = new RecentCounts();
  for (const [name, count] of Object.entries(times)) for (let index = 0; index < count; index += 1) counts.count(name);
  return counts;
}

test('counts by name, and on the mean', () => {
  const counts = countsOf({ a: 10, b: 2 });
  expect([counts.of('a'), counts.of('b'), counts.of('c'), counts.mean]).toEqual([10, 2, 0, 6]);
});

test('what was counted fades in the second after its own', () => {
  const counts = countsOf({ a: 10, b: 2 });
  jest.advanceTimersByTime(1250);
  counts.count('b');
  expect([counts.of('a'), counts.of('b'), counts.mean]).toEqual([7.5, 2.5, 10 / 1.5]);
  jest.advanceTimersByTime(750);
  expect([counts.of('a'), counts.of('b')]).toEqual([0, 1]);
});

test.each([
  ['two seconds', 2000],
  ['an hour', 3_600_000],
])('after %s nothing is left', (_, ms) => {
  const counts = countsOf({ a: 10 });
  expect(counts.isEmpty).toBe(false);
  jest.advanceTimersByTime(ms);
  expect([counts.of('a'), counts.mean, counts.isEmpty]).toEqual([0, 0, true]);
});

test('who sends at a steady rate has about that', () => {
  const counts = new RecentCounts();
  const seen: number[] = [];
  for (let index = 0; index < 500; index += 1) {
    counts.count('a');
    jest.advanceTimersByTime(10);
    if (index >= 100) seen.push(counts.of('a'));
  }
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(98);
  expect(Math.max(...seen)).toBeLessThanOrEqual(101);
});
