import { describe, expect, test } from '@jest/globals';
import { Cancellation } from '../../../src/runtime/cancellation.ts';

describe('a cancellation', () => {
  test.each([
    ['of its own', 0],
    ['of the runtime that closes', 1],
  ])('is that %s', (_, which) => {
    const [own, closing] = [new AbortController(), new AbortController()];
    const cancellation = new Cancellation(own.signal, closing.signal);
    cancellation.throwIfAborted();
    expect(cancellation.aborted).toBe(false);
    const { signal } = cancellation;
    const why = new Error('enough');
    (which === 0 ? own : closing).abort(why);
    expect([cancellation.aborted, signal.aborted, signal.reason]).toEqual([true, true, why]);
    expect(() => cancellation.throwIfAborted()).toThrow(why);
  });

  test('has one signal, aborted where one of the two was before', () => {
    const cancellation = new Cancellation(new AbortController().signal, AbortSignal.abort(new Error('before')));
    expect(cancellation.signal).toBe(cancellation.signal);
    expect(cancellation.signal.reason).toEqual(new Error('before'));
  });

  test('has no signal of its own where nobody else cancels', () => {
    const { signal } = new AbortController();
    expect(new Cancellation(undefined, signal).signal).toBe(signal);
  });
});
