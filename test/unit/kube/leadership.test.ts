import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LeadershipLostError, Term } from '../../../src/kube/leadership.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a term', () => {
  test('is lost at its deadline', () => {
    const term = new Term(3, performance.now() + 1000);
    jest.advanceTimersByTime(999);
    expect([term.held, term.signal.aborted]).toEqual([true, false]);
    jest.advanceTimersByTime(2);
    expect([term.held, term.signal.aborted]).toEqual([false, true]);
    expect(term.signal.reason).toBeInstanceOf(LeadershipLostError);
    expect(term.assertHeld).toThrow('no longer the leader (epoch 3): the lease was not renewed in time');
  });

  test('is not held after its deadline, even before the timers of a paused process have fired', () => {
    const term = new Term(3, performance.now() + 1000);
    jest.setSystemTime(Date.now() + 1); // the wall clock must have no effect
    expect(term.held).toBe(true);
    const paused = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    expect(term.assertHeld).toThrow(LeadershipLostError);
    expect(term.signal.aborted).toBe(true);
    paused.mockRestore();
    expect(term.held).toBe(false);
  });

  test('continues when renewed, and stays lost once lost', () => {
    const term = new Term(3, performance.now() + 1000);
    jest.advanceTimersByTime(900);
    term.extend(performance.now() + 1000);
    jest.advanceTimersByTime(900);
    expect(term.held).toBe(true);
    term.lose('somebody else leads');
    term.extend(performance.now() + 1000);
    expect(term.held).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('is still held while the leader shuts down', () => {
    const term = new Term(3, performance.now() + 1000);
    term.stop(new Error('shutting down'));
    expect(term.signal.aborted).toBe(true);
    expect(term.held).toBe(true);
    term.close();
    expect(term.held).toBe(false);
  });
});
