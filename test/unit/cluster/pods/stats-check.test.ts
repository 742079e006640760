import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { PodStats } from '../../../../src/api/pod-protocol.ts';
import { checkedStats } from '../../../../src/cluster/pods/stats-check.ts';
import { PodCounts } from '../../../../src/operator/runtimes/counts.ts';
import { LIMITS } from '../../../support/limits.ts';

const STATS: PodStats = {
  bootID: 'boot-1',
  draining: false,
  ready: true,
  capacity: 4,
  limits: LIMITS,
  executions: { total: 9, succeeded: 7, errors: 1, timeouts: 1, running: 2, pending: 3 },
  pool: { size: 4, idle: 2, busy: 2, created: 5, destroyed: 1 },
  compilation: { size: 3, hits: 6, misses: 3 },
  containment: { seccomp: 'Inactive', permissionModel: 'Active', reason: 'the kernel refuses seccomp filters' },
  values: { digest: '0123456789abcdef', missing: [0, 3] },
  unacknowledged: 2,
};

test('known fields of the stats are kept, unknown ones dropped', () => {
  expect(checkedStats(STATS)).toEqual(STATS);
  expect(checkedStats({ ...STATS, containment: { seccomp: 'Active', permissionModel: 'Active', more: 1 } })).toEqual({
    ...STATS,
    containment: { seccomp: 'Active', permissionModel: 'Active' },
  });
  expect(checkedStats({ ...STATS, pool: { ...STATS.pool, more: 'x' }, more: {} })).toEqual(STATS);
});

test('a pod of an earlier version reports no containment, and one without values none', () => {
  const { containment: _, values: __, ...earlier } = STATS;
  expect(checkedStats(earlier)).toEqual(earlier);
});

describe('invalid stats', () => {
  test.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'fine'],
    ['only a boot id and a number of VMs', { bootID: 'boot-1', capacity: 4 }],
    ['no boot id', { ...STATS, bootID: '' }],
    ['a boot id too long for a claim', { ...STATS, bootID: 'x'.repeat(129) }],
    ['more VMs than the maximum', { ...STATS, capacity: 65 }],
    ['a negative number of VMs', { ...STATS, capacity: -1 }],
    ['no limits', { ...STATS, limits: undefined }],
    ['a limit as a string', { ...STATS, limits: { ...LIMITS, memoryBytes: '64Mi' } }],
    ['a fractional number of VMs', { ...STATS, capacity: 1.5 }],
    ['a boolean as a string', { ...STATS, ready: 'true' }],
    ['a count as a string', { ...STATS, executions: { ...STATS.executions, total: '9' } }],
    ['a negative count', { ...STATS, pool: { ...STATS.pool, created: -1 } }],
    ['a count out of range', { ...STATS, compilation: { ...STATS.compilation, hits: 1e300 } }],
    ['an unknown state of the seccomp filter', { ...STATS, containment: { ...STATS.containment, seccomp: 'On' } }],
    ['no permission model', { ...STATS, containment: { seccomp: 'Active' } }],
    ['a reason that no status can hold', { ...STATS, containment: { ...STATS.containment, reason: 'x'.repeat(1025) } }],
    ['missing values that are no list', { ...STATS, values: { digest: 'x', missing: {} } }],
    ['a missing value that is no position', { ...STATS, values: { digest: 'x', missing: [-1] } }],
    ['too many missing values', { ...STATS, values: { digest: 'x', missing: Array.from({ length: 1025 }, () => 0) } }],
    ['values without a digest', { ...STATS, values: { missing: [] } }],
    ['a missing group', { ...STATS, pool: undefined }],
  ])('%s', (_, value) => {
    expect(checkedStats(value)).toBeUndefined();
  });
});

test('accepted stats of any pod can be summed', () => {
  const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;
  const path = fc.constantFrom('bootID', 'capacity', 'executions.total', 'pool.size', 'pool.created', 'compilation');
  fc.assert(
    fc.property(fc.array(fc.tuple(path, json), { maxLength: 3 }), (changes) => {
      const value = structuredClone(STATS) as unknown as Record<string, Record<string, JsonValue>>;
      for (const [at, changed] of changes) {
        const [group = '', name] = at.split('.');
        const whole = value[group];
        if (name === undefined || whole === null || typeof whole !== 'object')
          Object.assign(value, { [group]: changed });
        else whole[name] = changed;
      }
      const stats = checkedStats(value);
      if (stats === undefined) return;
      const counts = new PodCounts({});
      counts.told('a', stats);
      counts.told('b', STATS);
      const { executions, pool, compilation, retired } = counts.numbers({ running: 0, pending: 0 });
      for (const group of [executions, pool, compilation, retired]) {
        for (const count of Object.values(group)) expect(Number.isInteger(count) && count >= 0).toBe(true);
      }
    }),
  );
});
