import { describe, expect, test } from '@jest/globals';
import { longestGap } from '../../../bench/overload/gaps.ts';
import { openLoop } from '../../../bench/overload/open-loop.ts';

/** A clock that advances only during waits and slow sends. */
class Clock {
  ms = 0;
  readonly now = (): number => this.ms;
  readonly wait = async (ms: number): Promise<void> => {
    this.ms += ms;
  };
}

async function sends(clock: Clock, perSecond: number, untilMs: number, takesMs: (index: number) => number) {
  const sent: { dueMs: number; sentMs: number }[] = [];
  const { signal } = new AbortController();
  await openLoop({ perSecond, goesOn: () => clock.ms < untilMs, signal, ...clock }, (dueMs) => {
    sent.push({ dueMs, sentMs: clock.ms });
    clock.ms += takesMs(sent.length - 1);
  });
  return sent;
}

describe('an open loop', () => {
  test('sends at constant intervals', async () => {
    const sent = await sends(new Clock(), 4, 1000, () => 0);
    expect(sent.map(({ sentMs }) => sentMs)).toEqual([0, 250, 500, 750]);
  });

  test('catches up after a delay, and passes the time each was due', async () => {
    const sent = await sends(new Clock(), 10, 600, (index) => (index === 1 ? 250 : 0));
    expect(sent.map(({ dueMs }) => dueMs)).toEqual([0, 100, 200, 300, 400, 500]);
    expect(sent.map(({ sentMs }) => sentMs)).toEqual([0, 100, 350, 350, 400, 500]);
  });

  test('ends when the signal is aborted', async () => {
    const stop = new AbortController();
    const clock = new Clock();
    const loop = openLoop({ perSecond: 1, goesOn: () => true, signal: stop.signal, ...clock }, () =>
      stop.abort(new Error('enough')),
    );
    await expect(loop).rejects.toThrow('enough');
  });
});

test.each<[readonly number[], number]>([
  [[], 0],
  [[5], 0],
  [[0, 10, 100, 105], 90],
])('the longest gap of %j is %d', (moments, gap) => {
  expect(longestGap(moments)).toBe(gap);
});
