import { describe, expect, test } from '@jest/globals';
import { Timers } from '../../../../src/runtime/sandbox/timers.ts';

function timersAt(): { timers: Timers; clock: { nowMs: number } } {
  const clock = { nowMs: 1000 };
  return { timers: new Timers(() => clock.nowMs), clock };
}

describe('timers of a run', () => {
  test('are taken by the time at which they are due, and the older first', () => {
    const { timers, clock } = timersAt();
    for (const [id, delay] of [
      [1, 30],
      [2, 10],
      [3, 20],
      [4, 10],
    ] as const)
      timers.set(id, delay);
    clock.nowMs += 10;
    expect([timers.takeDue(), timers.takeDue(), timers.takeDue()]).toEqual([2, 4, undefined]);
    expect(timers.untilNextMs()).toBe(10);
    clock.nowMs += 20;
    expect([timers.takeDue(), timers.takeDue(), timers.takeDue(), timers.untilNextMs()]).toEqual([
      3,
      1,
      undefined,
      undefined,
    ]);
  });

  test.each<[unknown, number]>([
    [0, 1],
    [-5, 1],
    [Number.NaN, 1],
    ['x', 1],
    [undefined, 1],
    [{}, 1],
    [Number.POSITIVE_INFINITY, 1],
    [2 ** 31, 1],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [1.9, 1],
    ['7', 7],
  ])('a delay of %p is %d ms', (delay, expected) => {
    const { timers } = timersAt();
    expect(timers.set(1, delay)).toBe(true);
    expect(timers.untilNextMs()).toBe(expected);
  });

  test('can be cleared, and started again', () => {
    const { timers } = timersAt();
    timers.set(1, 10);
    timers.set(1, 20);
    expect([timers.size, timers.untilNextMs()]).toEqual([1, 20]);
    timers.clear(2);
    timers.clear('1');
    expect(timers.size).toBe(1);
    timers.clear(1);
    expect(timers.size).toBe(0);
  });

  test.each(['1', 1.5, Number.NaN, undefined, {}, 2 ** 53])('have an id: not %p', (id) => {
    expect(timersAt().timers.set(id, 1)).toBe(false);
  });

  test('are ten thousand at the most', () => {
    const { timers } = timersAt();
    for (let id = 1; id <= 10_000; id++) expect(timers.set(id, 1)).toBe(true);
    expect(timers.set(10_001, 1)).toBe(false);
    expect(timers.set(10_000, 5)).toBe(true);
    timers.clear(1);
    expect(timers.set(10_001, 1)).toBe(true);
  });
});
