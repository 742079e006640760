import { describe, expect, test } from '@jest/globals';
import { clip, executionConditions } from '../../../src/api/conditions.ts';
import { REASONS, type Reason } from '../../../src/api/outcome.ts';

const now = new Date('2026-11-22T10:00:00.123Z');
const later = new Date('2026-11-22T10:00:05.000Z');

const of = (reason: Reason) => executionConditions({ reason, message: 'why', generation: 3, now });

describe('the conditions of an execution', () => {
  test.each<[Reason, Record<string, string>]>([
    ['Completed', { Succeeded: 'True', Ready: 'True' }],
    ['RuntimeError', { Succeeded: 'False', Ready: 'False', Stalled: 'True' }],
    ['CompilationError', { Succeeded: 'False', Ready: 'False', Stalled: 'True' }],
    ['TimeoutExceeded', { Succeeded: 'False', Ready: 'False', Stalled: 'True' }],
    ['Cancelled', { Succeeded: 'False', Ready: 'False', Stalled: 'True' }],
    ['DeadlineExceeded', { Succeeded: 'False', Ready: 'False', Stalled: 'True' }],
    ['Pending', { Succeeded: 'Unknown', Ready: 'Unknown', Reconciling: 'True' }],
    ['RuntimeNotFound', { Succeeded: 'Unknown', Ready: 'Unknown', Reconciling: 'True' }],
    ['Running', { Succeeded: 'Unknown', Ready: 'Unknown', Reconciling: 'True' }],
    ['Suspended', { Succeeded: 'Unknown', Ready: 'False', Stalled: 'True' }],
  ])('%s: %j', (reason, expected) => {
    expect(Object.fromEntries(of(reason).map(({ type, status }) => [type, status]))).toEqual(expected);
  });

  test.each(Object.keys(REASONS) as Reason[])('%s is consistent with kstatus', (reason) => {
    const status = new Map(of(reason).map((condition) => [condition.type, condition.status]));
    const kstatus =
      status.get('Reconciling') === 'True'
        ? 'InProgress'
        : status.get('Stalled') === 'True'
          ? 'Failed'
          : status.get('Ready');
    const expected = { True: 'True', False: 'Failed', Unknown: reason === 'Suspended' ? 'Failed' : 'InProgress' };
    expect(kstatus).toBe(expected[REASONS[reason].succeeded]);
  });

  test('carry reason, message, generation and a time with microseconds', () => {
    expect(of('Completed')[0]).toEqual({
      type: 'Succeeded',
      status: 'True',
      reason: 'Completed',
      message: 'why',
      observedGeneration: 3,
      lastTransitionTime: '2026-11-22T10:00:00.123000Z',
    });
  });

  test('keep their times while their status is unchanged, whatever the reason', () => {
    const pending = of('Pending');
    const running = executionConditions({
      reason: 'Running',
      message: '',
      generation: 3,
      now: later,
      previous: pending,
    });
    expect(running.map((condition) => condition.lastTransitionTime)).toEqual(pending.map((c) => c.lastTransitionTime));
    const done = executionConditions({
      reason: 'Completed',
      message: '',
      generation: 3,
      now: later,
      previous: running,
    });
    expect(done.map((condition) => condition.lastTransitionTime)).toEqual(Array(2).fill('2026-11-22T10:00:05.000000Z'));
  });
});

test.each([
  ['short', 10, 'short'],
  ['exactly', 7, 'exactly'],
  ['too long', 5, 'too …'],
  ['😀😀😀', 3, '😀😀😀'],
  ['😀😀😀😀', 3, '😀😀…'],
])('%j clipped to %d is %j', (text, max, expected) => {
  expect(clip(text, max)).toBe(expected);
});
