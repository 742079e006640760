import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { identityOf } from '../../../src/operator/identity.ts';

const FIRST = 1;

test('an identity begins with the name of the host, and is that of one process', () => {
  const one = identityOf({ podUID: 'u-1' }, FIRST).name;
  expect(one.startsWith(`${hostname()}_`)).toBe(true);
  expect(identityOf({ podUID: 'u-1' }, FIRST).name).not.toBe(one);
});

describe('a process has certainly ended', () => {
  const before = identityOf({ podUID: 'u-1' }, FIRST).name;

  test('where it was the first of the container before us', () => {
    expect(identityOf({ podUID: 'u-1' }, FIRST).hasEnded(before)).toBe(true);
  });

  test.each([
    ['it is of another pod, be it of the same name', identityOf({ podUID: 'u-2' }, FIRST)],
    ['we are not the first of our container: it may be', identityOf({ podUID: 'u-1' }, 27)],
    ['we are in no pod', identityOf({ podUID: undefined }, FIRST)],
  ])('but not where %s', (_, identity) => {
    expect(identity.hasEnded(before)).toBe(false);
  });

  test('nor are we ourselves; nor is one of no pod', () => {
    const us = identityOf({ podUID: 'u-1' }, FIRST);
    expect(us.hasEnded(us.name)).toBe(false);
    expect(us.hasEnded(identityOf({ podUID: undefined }, FIRST).name)).toBe(false);
  });
});
