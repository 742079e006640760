import { expect, test } from '@jest/globals';
import { Calls } from '../../../../src/gateway/mcp/calls.ts';

test('a call is cancelled by its session and id, and by nothing else', () => {
  const calls = new Calls();
  using call = calls.begin('one', 1);
  calls.cancel('two', 1);
  calls.cancel(undefined, 1);
  calls.cancel('one', '1');
  calls.cancel('one', { requestId: 1 });
  expect(call.signal.aborted).toBe(false);
  calls.cancel('one', 1);
  expect(call.signal.aborted).toBe(true);
});

test('nothing is kept of a call that has ended, and a later one with its id is another', () => {
  const calls = new Calls();
  const first = calls.begin('one', 1);
  const second = calls.begin('one', 1);
  first[Symbol.dispose]();
  calls.cancel('one', 1);
  expect([first.signal.aborted, second.signal.aborted]).toEqual([false, true]);
  second[Symbol.dispose]();
  expect(calls.size).toBe(0);
});

test('calls without a session cannot be cancelled by a request of its own: others use the same ids', () => {
  const calls = new Calls();
  using call = calls.begin(undefined, 1);
  calls.cancel(undefined, 1);
  expect([call.signal.aborted, calls.size]).toEqual([false, 0]);
});
