import { describe, expect, test } from '@jest/globals';
import { endedAtHalf, jainIndex } from '../../../bench/overload/jain.ts';

describe("Jain's index", () => {
  test.each<[readonly number[], number]>([
    [[5, 5, 5, 5], 1],
    [[8, 0, 0, 0], 0.25],
    [[3, 1], 0.8],
  ])('of %j is %d', (shares, index) => {
    expect(jainIndex(shares)).toBeCloseTo(index);
  });
});

describe('endedAtHalf counts what each had when half of all had finished', () => {
  test.each<[string, number[][], number[]]>([
    [
      'equal ones',
      [
        [1, 3, 5, 7],
        [2, 4, 6, 8],
      ],
      [2, 2],
    ],
    [
      'one after the other',
      [
        [1, 2],
        [3, 4],
      ],
      [2, 0],
    ],
    ['an odd number: the middle one counts', [[1, 2], [3]], [2, 0]],
    ['no executions', [[], []], [0, 0]],
  ])('%s', (_, ends, counts) => {
    expect(endedAtHalf(ends)).toEqual(counts);
  });
});

test("Jain's index is undefined if all shares are 0", () => {
  expect(jainIndex([0, 0])).toBeNaN();
});
