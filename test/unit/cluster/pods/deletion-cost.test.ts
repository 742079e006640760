import { describe, expect, test } from '@jest/globals';
import { costValue, deletionCostOf, marking, unmarking } from '../../../../src/cluster/pods/deletion-cost.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';

/** The annotations after a merge patch. */
function patched(annotations: Record<string, string>, patch: Record<string, string | null>): Record<string, string> {
  const merged = { ...annotations, ...patch };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
}

test.each<[string, Record<string, string>]>([
  ['none', {}],
  ['a cost set by a user', { [COST]: '100', note: 'mine' }],
  ['an empty cost', { [COST]: '' }],
])('a mark stands in for the cost that a pod had, and gives it back: %s', (_, annotations) => {
  const given = deletionCostOf(annotations);
  expect(given).toEqual({ given: annotations[COST], isMarked: false });
  const marked = patched(annotations, marking(given));
  expect(marked[COST]).toBe('-2147483648');
  const seen = deletionCostOf(marked);
  expect(seen).toEqual({ given: annotations[COST] || undefined, isMarked: true });
  expect(costValue(seen)).toBe(costValue(given));
  const { [COST]: cost, ...others } = patched(marked, unmarking(seen));
  const { [COST]: before, ...othersBefore } = annotations;
  expect([cost || undefined, others]).toEqual([before || undefined, othersBefore]);
});

describe('a cost is parsed as in Kubernetes:', () => {
  test.each<[string | undefined, number]>([
    [undefined, 0],
    ['', 0],
    ['0', 0],
    ['10', 10],
    ['-10', -10],
    ['2147483647', 2_147_483_647],
    ['-2147483648', -2_147_483_648],
    ['2147483648', 0],
    ['9999999999', 0],
    ['+10', 0],
    ['010', 0],
    ['-0', 0],
    ['1.5', 0],
    ['much', 0],
  ])('%s is %i', (given, value) => {
    expect(costValue({ given, isMarked: false })).toBe(value);
  });
});
