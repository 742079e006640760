import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { toldWhileWaiting } from '../../../src/kube/told-while-waiting.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('what takes long is told every ten seconds, until it is there', async () => {
  const tell = jest.fn();
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = toldWhileWaiting(promise, tell);
  jest.advanceTimersByTime(9_999);
  expect(tell).not.toHaveBeenCalled();
  jest.advanceTimersByTime(20_001);
  expect(tell).toHaveBeenCalledTimes(3);
  resolve('there');
  await expect(waiting).resolves.toBe('there');
  expect(jest.getTimerCount()).toBe(0);
});

test('an error passes, and ends it', async () => {
  const waiting = toldWhileWaiting(Promise.reject(new Error('refused')), () => {});
  await expect(waiting).rejects.toThrow('refused');
  expect(jest.getTimerCount()).toBe(0);
});
