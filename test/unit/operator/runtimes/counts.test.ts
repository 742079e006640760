import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PodStats } from '../../../../src/api/pod-protocol.ts';
import type { ScriptRuntimeStatus } from '../../../../src/api/types.generated.ts';
import { PodCounts, type RuntimeNumbers } from '../../../../src/operator/runtimes/counts.ts';
import { LIMITS } from '../../../support/limits.ts';

const NOBODY = { running: 0, pending: 0 };

/** Stats of a pod with this number of finished executions in its boot, of which 10 % failed. */
function stats(total: number, bootID = 'boot-1'): PodStats {
  const errors = Math.floor(total / 10);
  return {
    bootID,
    draining: false,
    ready: true,
    capacity: 4,
    limits: LIMITS,
    executions: { total, succeeded: total - errors, errors, timeouts: 0, running: 9, pending: 9 },
    pool: { size: 4, idle: 3, busy: 1, created: total + 4, destroyed: total },
    compilation: { size: 2, hits: total, misses: 1 },
    unacknowledged: 0,
  };
}

describe('the counts of a runtime', () => {
  test('are the sums of its pods; the operator knows running and waiting executions', () => {
    const counts = new PodCounts({});
    counts.told('a', stats(10));
    counts.told('b', stats(20));
    expect(counts.numbers({ running: 2, pending: 7 })).toMatchObject({
      executions: { total: 30, succeeded: 27, errors: 3, timeouts: 0, running: 2, pending: 7 },
      pool: { size: 8, idle: 6, busy: 2, created: 38, destroyed: 30 },
      compilation: { size: 4, hits: 30, misses: 2 },
      retired: { total: 0 },
    });
  });

  test('use the latest stats of a pod', () => {
    const counts = new PodCounts({});
    counts.told('a', stats(10));
    counts.told('a', stats(15));
    expect(counts.numbers(NOBODY).executions.total).toBe(15);
  });

  test.each<[string, (counts: PodCounts) => void]>([
    ['is gone', (counts) => counts.gone('a')],
    ['was restarted', (counts) => counts.told('a', stats(0, 'boot-2'))],
    [
      'was restarted and is gone',
      (counts) => {
        counts.told('a', stats(0, 'boot-2'));
        counts.gone('a');
        counts.gone('a');
      },
    ],
  ])('hold what a pod had counted that %s', (_, end) => {
    const counts = new PodCounts({});
    counts.told('a', stats(10));
    end(counts);
    expect(counts.numbers(NOBODY)).toMatchObject({ executions: { total: 10 }, retired: { total: 10, succeeded: 9 } });
  });

  test('have no VMs of deleted pods', () => {
    const counts = new PodCounts({});
    counts.told('a', stats(10));
    counts.gone('a');
    expect(counts.numbers(NOBODY).pool).toMatchObject({ size: 0, idle: 0, busy: 0, created: 14 });
  });

  test('know which pods have reported', () => {
    const counts = new PodCounts({});
    counts.told('a', stats(1));
    expect([counts.has('a'), counts.has('b')]).toEqual([true, false]);
    counts.gone('a');
    expect(counts.has('a')).toBe(false);
  });
});

describe('the next leader', () => {
  const before: ScriptRuntimeStatus = (() => {
    const counts = new PodCounts({});
    counts.told('a', stats(100));
    counts.told('b', stats(50));
    counts.gone('b');
    return counts.numbers(NOBODY);
  })();

  test('starts from the status, before any pod has reported', () => {
    expect(new PodCounts(before).numbers(NOBODY)).toMatchObject({ executions: { total: 150 }, retired: { total: 50 } });
  });

  test('counts nothing twice when the pods report', () => {
    const counts = new PodCounts(before);
    counts.told('a', stats(103));
    counts.heardAll();
    expect(counts.numbers(NOBODY)).toMatchObject({ executions: { total: 153 }, retired: { total: 50 } });
  });

  test('keeps the counts of a pod that was deleted while there was no leader', () => {
    const counts = new PodCounts(before);
    counts.told('c', stats(5));
    counts.heardAll();
    expect(counts.numbers(NOBODY).executions.total).toBe(150);
    counts.told('c', stats(8));
    expect(counts.numbers(NOBODY).executions.total).toBe(153);
  });

  test('accepts a status without counts', () => {
    expect(new PodCounts({ observedGeneration: -1 }).numbers(NOBODY).executions.total).toBe(0);
  });
});

const sumsOf = ({ executions, pool, compilation }: RuntimeNumbers): number[] => {
  const { total = 0, succeeded = 0, errors = 0 } = executions;
  return [total, succeeded, errors, pool.created ?? 0, pool.destroyed ?? 0, compilation.hits ?? 0];
};

/** Events of three pods and of the leader. */
const podName = fc.constantFrom('a', 'b', 'c');
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ runs: podName, count: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ tells: podName }) },
  { weight: 1, arbitrary: fc.record({ restarts: podName }) },
  { weight: 1, arbitrary: fc.record({ replaced: podName, isSeen: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ leader: true as const }) },
);

test('for any events no sum decreases or exceeds the executions of the pods', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      /** The existing pods: each replacement has a new uid. */
      const pods = new Map(['a', 'b', 'c'].map((name) => [name, { uid: name, boot: 1, total: 0, hasTold: false }]));
      let done = 0;
      let lives = 3;
      let counts = new PodCounts({});
      let seen = sumsOf(counts.numbers(NOBODY));
      const tell = (name: string): void => {
        const pod = pods.get(name) as { uid: string; boot: number; total: number; hasTold: boolean };
        pod.hasTold = true;
        counts.told(pod.uid, stats(pod.total, `boot-${pod.boot}`));
        if ([...pods.values()].every(({ uid }) => counts.has(uid))) counts.heardAll();
      };
      for (const each of events) {
        if ('runs' in each) {
          const pod = pods.get(each.runs);
          if (pod) pod.total += each.count;
          done += each.count;
        } else if ('tells' in each) tell(each.tells);
        else if ('restarts' in each) {
          const pod = pods.get(each.restarts);
          lives += 1;
          if (pod) Object.assign(pod, { boot: pod.boot + 1, total: 0 });
        } else if ('replaced' in each) {
          const pod = pods.get(each.replaced) as { uid: string };
          lives += 1;
          if (each.isSeen) counts.gone(pod.uid);
          else counts = new PodCounts(counts.numbers(NOBODY)); // it was deleted between two terms
          pods.set(each.replaced, { uid: `${pod.uid}'`, boot: 1, total: 0, hasTold: false });
        } else counts = new PodCounts(counts.numbers(NOBODY));
        const now = sumsOf(counts.numbers(NOBODY));
        for (const [index, sum] of now.entries()) expect(sum).toBeGreaterThanOrEqual(seen[index] as number);
        const [total = 0, , , created = 0, destroyed = 0, hits = 0] = now;
        expect([total, destroyed, hits].every((sum) => sum <= done)).toBe(true);
        expect(created).toBeLessThanOrEqual(done + 4 * lives);
        seen = now;
      }
    }),
    { numRuns: 500 },
  );
});
