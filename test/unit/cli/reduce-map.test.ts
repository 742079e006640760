import { describe, expect, test } from '@jest/globals';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { AuthorPlaces } from '../../../src/cli/bundle/author-places.ts';
import { reduceMap } from '../../../src/cli/bundle/reduce-map.ts';

const sources = ['src/main.ts', 'node_modules/a/index.js'];
/** Each segment: column of the bundle, source, line and column there, all from 0. */
const lines: SourceMapSegment[][] = [
  [
    [0, 0, 0, 0],
    [4, 0, 0, 9],
    [10, 1, 0, 0],
    [14, 1, 0, 4],
    [20, 1, 1, 0],
    [24, 1, 1, 7],
    [30, 0, 3, 1],
    [34, 0, 3, 5],
  ],
  [
    [0, 1, 2, 0],
    [8, 1, 2, 8],
  ],
];
const map = JSON.stringify({ version: 3, sources, names: ['unused'], mappings: encode(lines) });

describe('a reduced source map', () => {
  test('keeps all places of the author, and one of each line of a package', () => {
    const reduced = JSON.parse(reduceMap(map));
    expect(reduced).toMatchObject({ version: 3, sources, names: [] });
    expect(decode(reduced.mappings)).toEqual([
      [
        [0, 0, 0, 0],
        [4, 0, 0, 9],
        [10, 1, 0, 0],
        [20, 1, 1, 0],
        [30, 0, 3, 1],
        [34, 0, 3, 5],
      ],
      [[0, 1, 2, 0]],
    ]);
  });

  test('leads every place of a bundle to the file and line that the whole map leads to', () => {
    const [whole, reduced] = [new AuthorPlaces(map), new AuthorPlaces(reduceMap(map))];
    for (const [line, column] of [
      [1, 5],
      [1, 15],
      [1, 25],
      [1, 35],
      [2, 9],
    ] as const) {
      const [expected, found] = [whole.find(line, column), reduced.find(line, column)];
      expect([found?.file, found?.line]).toEqual([expected?.file, expected?.line]);
    }
  });
});
