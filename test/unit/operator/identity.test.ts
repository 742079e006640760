import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { identityOf } from '../../../src/operator/identity.ts';

const FIRST = 1;

test('an identity starts with the host name, and is unique per process', () => {
  const one = identityOf({ podUID: 'u-1' }, FIRST).name;
  expect(one.startsWith(`${hostname()}_`)).toBe(true);
  expect(identityOf({ podUID: 'u-1' }, FIRST).name).not.toBe(one);
});

describe('a process has provably exited', () => {
  const before = identityOf({ podUID: 'u-1' }, FIRST).name;

  test('if it was process 1 of the previous container of this pod', () => {
    expect(identityOf({ podUID: 'u-1' }, FIRST).hasEnded(before)).toBe(true);
  });

  test.each([
    ['it is of another pod, even with the same name', identityOf({ podUID: 'u-2' }, FIRST)],
    ['this process is not process 1 of its container', identityOf({ podUID: 'u-1' }, 27)],
    ['this process is in no pod', identityOf({ podUID: undefined }, FIRST)],
  ])('but not if %s', (_, identity) => {
    expect(identity.hasEnded(before)).toBe(false);
  });

  test('but not for this process itself, nor for one outside a pod', () => {
    const us = identityOf({ podUID: 'u-1' }, FIRST);
    expect(us.hasEnded(us.name)).toBe(false);
    expect(us.hasEnded(identityOf({ podUID: undefined }, FIRST).name)).toBe(false);
  });
});
