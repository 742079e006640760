import { describe, expect, test } from '@jest/globals';
import { figuresOf, type Measured, PARTS, type Part, type Way } from '../../../bench/cluster-gateway/figures.ts';
import { aimsOf } from '../../../bench/cluster-gateway/report.ts';

const size = { gateways: 1, pods: 1 };

/** A measurement of ten executions, with the same processor time of each part. */
function measured(way: Way, perSecond: number, p50Ms: number, partMs = 0, round = 1): Measured {
  const sample = { concurrency: 1, executions: 10, elapsedMs: 1000, perSecond, p50Ms, p99Ms: 2 * p50Ms };
  const processor = Object.fromEntries(PARTS.map((part) => [part, partMs])) as Record<Part, number>;
  return { way, size, round, sample, processor };
}

describe('figures of ways to run a script', () => {
  test('are medians of the rounds, and processor time for each execution', () => {
    const rounds = [measured('execute', 100, 3, 20), measured('execute', 300, 5, 40), measured('execute', 200, 4, 30)];
    const [figure, ...others] = figuresOf(rounds);
    expect(others).toEqual([]);
    expect(figure).toMatchObject({ way: 'execute', size, perSecond: 200, p50Ms: 4, p99Ms: 8 });
    expect(figure?.perExecution['API server']).toBe(3);
  });

  test.each([
    [
      'met',
      [
        measured('objects', 60, 160),
        measured('execute', 480, 40),
        measured('none', 100, 50),
        measured('module', 300, 9),
      ],
      [true, true, true],
    ],
    [
      'not met',
      [
        measured('objects', 60, 160),
        measured('execute', 479, 41),
        measured('none', 100, 50),
        measured('module', 299, 9),
      ],
      [false, false, false],
    ],
    ['left out where a way was not measured', [measured('execute', 480, 40), measured('none', 100, 50)], []],
  ])('decide aims: %s', (_, rounds, met) => {
    expect(aimsOf(figuresOf(rounds), size).map((aim) => aim.met)).toEqual(met);
  });
});
