import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../../src/api/json.ts';
import { until } from '../../../support/until.ts';
import { outcomeOf } from '../../runtime/server/run-requests.ts';
import { Cluster, Leader } from './cluster.ts';

let cluster: Cluster;
let leader: Leader;

beforeEach(() => {
  cluster = new Cluster();
  cluster.addPod('a', { capacity: 1 }).result = () => outcomeOf('done');
  leader = new Leader(cluster);
});
afterEach(async () => await leader.stop());

const reads = async (key: string, reason: string): Promise<void> =>
  until(`${key} is ${reason}; it is ${cluster.reason(key)}`, () => cluster.reason(key) === reason);

/** Nested lists. */
function nested(depth: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 1; level < depth; level += 1) value = [value];
  return value;
}

test.each([
  ['params', 101],
  ['params', 5500],
])(
  '%s nested %i levels deep finish as LimitsRefused before any claim, and the next execution runs',
  async (field, depth) => {
    // Put as the watch would deliver it: the in-memory cluster copies objects with JSON.stringify, which fails for this one.
    const key = cluster.apply('deep');
    cluster.delete(key);
    cluster.putRaw('deep', { params: nested(depth) });
    await reads(key, 'LimitsRefused');
    expect(cluster.get(key).status.error?.message).toBe(`spec.${field} nests deeper than 100 levels`);
    expect(cluster.log).not.toContain('write Running');
    const next = cluster.apply('next');
    await reads(next, 'Completed');
  },
);

test('params nested 100 levels deep run', async () => {
  const key = cluster.apply('x', { params: nested(100) });
  await reads(key, 'Completed');
});

test('an error before a claim releases the slot, is reported, and is written to the status', async () => {
  cluster.contents.get = (digest) => {
    if (digest === cluster.cache.get('acme/bad')?.digest) throw new RangeError('Maximum call stack size exceeded');
    return undefined;
  };
  const bad = cluster.apply('bad', { source: 'bad' });
  await until('it has failed', () => leader.errors.length > 0);
  expect(leader.slots.taken.byRuntime.of('acme/default')).toBe(0);
  const next = cluster.apply('next');
  await reads(next, 'Completed');
  await until('it says why', () => succeeded(bad)?.message.includes('Maximum call stack') ?? false);
  expect(succeeded(bad)?.reason).toBe('Pending');
  expect(leader.errors.every((error) => error instanceof RangeError)).toBe(true);
  cluster.contents.get = () => undefined;
  await reads(bad, 'Completed');
});

const succeeded = (key: string) => cluster.get(key).status.conditions?.find(({ type }) => type === 'Succeeded');
