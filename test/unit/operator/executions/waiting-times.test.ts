import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  type ExecutionProjection,
  projectExecution,
} from '../../../../src/operator/executions/execution-projection.ts';
import { WaitingTimes } from '../../../../src/operator/executions/waiting-times.ts';
import { CREATED, execution, statusOf } from './objects.ts';

const HOURS = 3 * 3_600_000;
const created = Date.parse(CREATED);
const waiting = projectExecution(execution());
const failed = (completionTime: string): ExecutionProjection => {
  const attemptHistory = [{ attempt: 1, reason: 'PodLost', completionTime }];
  return projectExecution(execution({ status: statusOf('Pending', { attempts: 1, attemptHistory }) }));
};

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('how long an execution has waited', () => {
  test('is taken from its object at the first reconcile', () => {
    expect(new WaitingTimes().waitedMs('a', waiting, created + 5000)).toBe(5000);
  });

  test.each([[HOURS], [-HOURS]])('continues by the monotonic clock when the wall clock is set by %d ms', (step) => {
    const times = new WaitingTimes();
    times.waitedMs('a', waiting, created + 5000);
    jest.advanceTimersByTime(2000);
    expect(times.waitedMs('a', waiting, created + 7000 + step)).toBeCloseTo(7000, 3);
  });

  test('restarts with the next run, and after it is forgotten', () => {
    const times = new WaitingTimes();
    times.waitedMs('a', waiting, created + 5000);
    const conditions = statusOf('Pending').conditions?.map((each) => ({
      ...each,
      lastTransitionTime: '2026-11-22T10:30:00.000000Z',
    }));
    const next = projectExecution(execution({ status: { ...statusOf('Pending'), conditions: conditions ?? [] } }));
    expect(times.waitedMs('a', next, Date.parse('2026-11-22T10:30:01Z'))).toBe(1000);
    times.forget('a');
    expect(times.waitedMs('a', waiting, created + 90_000)).toBe(90_000);
  });

  test('is zero if its object is from the future, or it is suspended', () => {
    expect(new WaitingTimes().waitedMs('a', waiting, created - HOURS)).toBe(0);
    const times = new WaitingTimes();
    times.waitedMs('a', waiting, created + 5000);
    expect(times.waitedMs('a', projectExecution(execution({ status: statusOf('Suspended') })), created + HOURS)).toBe(
      0,
    );
  });
});

describe('the next attempt', () => {
  const END = '2026-11-22T10:00:00.000000Z';
  const end = Date.parse(END);

  test('is due after a back-off', () => {
    const due = new WaitingTimes().nextAttempt('a', failed(END), end + 400);
    expect(due?.inMs).toBeGreaterThanOrEqual(600);
    expect(due?.inMs).toBeLessThan(850);
    expect(due?.at).toBeCloseTo(end + 400 + (due?.inMs ?? 0), 3);
  });

  test('is due within its back-off, even if the last one seems to finish in the future', () => {
    const due = new WaitingTimes().nextAttempt('a', failed(END), end - HOURS);
    expect(due?.inMs).toBeGreaterThanOrEqual(1000);
    expect(due?.inMs).toBeLessThan(1250);
  });

  test.each([[HOURS], [-HOURS]])('is due at the same time when the wall clock is set by %d ms', (step) => {
    const times = new WaitingTimes();
    const before = times.nextAttempt('a', failed(END), end);
    jest.advanceTimersByTime(300);
    const after = times.nextAttempt('a', failed(END), end + 300 + step);
    expect(after?.inMs).toBeCloseTo((before?.inMs ?? 0) - 300, 3);
    expect(after?.at).toBe(before?.at);
  });

  test('is due at once if there was none', () => {
    expect(new WaitingTimes().nextAttempt('a', waiting, created)).toBeUndefined();
  });
});
