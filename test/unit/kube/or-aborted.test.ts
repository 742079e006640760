import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { orAborted } from '../../../src/kube/or-aborted.ts';

describe('orAborted', () => {
  test('is what the promise is, or the reason of the signal', async () => {
    const { signal } = new AbortController();
    expect(await orAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(orAborted(Promise.reject(new Error('a')), signal)).rejects.toThrow('a');
    await expect(orAborted(new Promise(() => {}), AbortSignal.abort(new Error('b')))).rejects.toThrow('b');
  });

  test('handles a promise that is rejected after the signal was aborted', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      await expect(orAborted(promise, AbortSignal.abort(new Error('b')))).rejects.toThrow('b');
      reject(new Error('late'));
      await turn();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
