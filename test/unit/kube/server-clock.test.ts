import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ServerClock } from '../../../src/kube/server-clock.ts';

/** The correct time at `performance.now() === 0`, a quarter into a second. */
const START = Date.UTC(2026, 10, 22, 10, 0, 0, 250);

beforeEach(() => {
  jest.useFakeTimers({ now: START });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Advances to this moment and records an answer of a server whose clock is ahead. The answer takes 20 ms. */
function ask(clock: ServerClock, atMs: number, serverAheadMs: number): void {
  jest.advanceTimersByTime(atMs - performance.now());
  const sentAt = performance.now();
  jest.advanceTimersByTime(10);
  const date = new Date(Date.now() + serverAheadMs).toUTCString();
  jest.advanceTimersByTime(10);
  clock.observe(date, sentAt, performance.now());
}

describe("the API server's clock", () => {
  test('is the local clock without a valid Date', () => {
    const clock = new ServerClock();
    expect([clock.now(), clock.skewMs]).toEqual([START, 0]);
    clock.observe(undefined, 0, 1);
    clock.observe('yesterday', 0, 1);
    expect([clock.now(), clock.skewMs]).toEqual([START, 0]);
  });

  test('is the local clock, to the millisecond, if both are right', () => {
    const clock = new ServerClock();
    for (const at of [100, 700, 740, 1900, 3650]) ask(clock, at, 0);
    expect(clock.now()).toBe(Date.now());
    expect(clock.skewMs).toBe(0);
  });

  test.each([[-3_600_000], [3_600_000], [1500], [-1500]])(
    "is ahead by %d ms if the server's is: each answer narrows the estimate",
    (aheadMs) => {
      const clock = new ServerClock();
      ask(clock, 100, aheadMs);
      expect(Math.abs(clock.now() - Date.now() - aheadMs)).toBeLessThanOrEqual(1020);
      for (let at = 500; at < 20_000; at += 173) ask(clock, at, aheadMs);
      expect(Math.abs(clock.now() - Date.now() - aheadMs)).toBeLessThan(100);
      expect(Math.abs(clock.skewMs + aheadMs)).toBeLessThan(100);
    },
  );

  test('follows the monotonic clock when the local clock is set', () => {
    const clock = new ServerClock();
    for (const at of [100, 700, 740, 1900, 3650]) ask(clock, at, 0);
    const right = Date.now();
    jest.setSystemTime(right + 7_200_000);
    expect(Math.abs(clock.now() - right)).toBeLessThan(500);
    expect(clock.skewMs).toBeGreaterThan(7_199_000);
    jest.setSystemTime(right - 7_200_000);
    expect(Math.abs(clock.now() - right)).toBeLessThan(500);
    jest.setSystemTime(right);
    expect([clock.now(), clock.skewMs]).toEqual([right, 0]);
  });

  test("is followed when the server's clock is set", () => {
    const clock = new ServerClock();
    for (const at of [100, 700, 1900]) ask(clock, at, 0);
    ask(clock, 3000, 7_200_000);
    expect(Math.abs(clock.now() - Date.now() - 7_200_000)).toBeLessThanOrEqual(1020);
    ask(clock, 4000, 0);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThanOrEqual(1020);
  });
});
