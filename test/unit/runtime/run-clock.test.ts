import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { RunClock } from '../../../src/runtime/run-clock.ts';
import { monotonicMicroseconds } from '../../../src/runtime/wire/monotonic-clock.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

beforeEach(() => {
  jest.useFakeTimers({ now: START });
});
afterEach(() => {
  jest.useRealTimers();
});

const later = (ms: number): Date => new Date(START + ms);

describe('the times of a run', () => {
  test('go on from its start', () => {
    const clock = new RunClock();
    jest.advanceTimersByTime(250);
    expect(clock.startTime).toEqual(later(0));
    expect(clock.elapsedMs).toBe(250);
    expect(clock.now()).toEqual(later(250));
  });

  test.each([
    ['back', -3_600_000],
    ['forward', 3_600_000],
  ])('stay as they are when the wall clock is set %s', (_, byMs) => {
    const clock = new RunClock();
    jest.advanceTimersByTime(10);
    const logged = monotonicMicroseconds();
    jest.setSystemTime(START + byMs);
    jest.advanceTimersByTime(10);
    expect(clock.dateOf(logged)).toEqual(later(10));
    expect(clock.now()).toEqual(later(20));
  });

  test.each([
    ['before the start', 0, 0],
    ['after now', Number.MAX_SAFE_INTEGER, 30],
  ])('that a sandbox says are not believed %s', (_, microseconds, ms) => {
    jest.advanceTimersByTime(50);
    const clock = new RunClock();
    jest.advanceTimersByTime(30);
    expect(clock.dateOf(microseconds)).toEqual(later(50 + ms));
  });
});
