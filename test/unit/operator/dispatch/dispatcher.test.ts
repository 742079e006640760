import { afterEach, beforeEach, describe, jest, test } from '@jest/globals';
import { Dispatcher } from '../../../../src/operator/dispatch/dispatcher.ts';
import { Slots } from '../../../../src/operator/dispatch/slots.ts';
import { BEHAVIOURS, check } from './behaviours.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the dispatcher', () => {
  test.each(Object.keys(BEHAVIOURS))('%s', async (name) => await check(name, { Dispatcher, Slots }));
});
