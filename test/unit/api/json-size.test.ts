import { expect, test } from '@jest/globals';
import { hasMoreValues } from '../../../src/api/json-size.ts';

test.each<[unknown, number]>([
  [1, 1],
  [[], 1],
  [[1, 2], 3],
  [{ a: [1, { b: null }], c: 'x' }, 6],
])('%j has %i values', (value, count) => {
  expect(hasMoreValues(value, count)).toBe(false);
  expect(hasMoreValues(value, count - 1)).toBe(true);
});

test('a value that nests deep is counted without recursion', () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  expect(hasMoreValues(value, 1000)).toBe(true);
  expect(hasMoreValues(value, 200_000)).toBe(false);
});
