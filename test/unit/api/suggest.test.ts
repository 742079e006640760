import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, nearest } from '../../../src/api/suggest.ts';

const fields = ['source', 'sourceFrom', 'params', 'limits', 'suspend', 'cancel', 'backoffLimit'];

describe('the nearest name', () => {
  test.each([
    ['sorce', 'source'],
    ['souce', 'source'],
    ['SOURCE', 'source'],
    ['sourceform', 'sourceFrom'],
    ['param', 'params'],
    ['limit', 'limits'],
    ['backofLimit', 'backoffLimit'],
    ['cancle', 'cancel'],
    ['canceled', 'cancel'],
  ])('to %s is %s', (word, expected) => {
    expect(nearest(word, fields)).toBe(expected);
  });

  test.each(['', 'x', 'replicas', 'image', 'zzzzzz', 'a'.repeat(1000)])('to %s is none', (word) => {
    expect(nearest(word, fields)).toBeUndefined();
  });
});

describe('the edit distance', () => {
  test.each([
    ['', '', 0],
    ['a', '', 1],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
  ])('of %j and %j is %d', (a, b, expected) => {
    expect(editDistance(a, b)).toBe(expected);
  });

  test('is symmetric, and at most the length of the longer text', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
