import { describe, expect, test } from '@jest/globals';
import { Cancellation } from '../../../src/runtime/cancellation.ts';

describe('a cancellation', () => {
  test.each([[0], [1]])('is that of signal %d of two', (which) => {
    const both = [new AbortController(), new AbortController()];
    const cancellation = new Cancellation(both.map(({ signal }) => signal));
    cancellation.throwIfAborted();
    expect(cancellation.aborted).toBe(false);
    const { signal } = cancellation;
    const why = new Error('enough');
    both[which]?.abort(why);
    expect([cancellation.aborted, signal.aborted, signal.reason]).toEqual([true, true, why]);
    expect(() => cancellation.throwIfAborted()).toThrow(why);
  });

  test('has one signal, aborted where a signal was before', () => {
    const cancellation = new Cancellation([new AbortController().signal, AbortSignal.abort(new Error('before'))]);
    expect(cancellation.signal).toBe(cancellation.signal);
    expect(cancellation.signal.reason).toEqual(new Error('before'));
  });
});
