import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { STANDINGS } from '../../../../src/cluster/pods/known-pod.ts';
import {
  departures,
  PATIENCE_MS,
  type PresentPod,
  TAKEN_WITHIN_MS,
} from '../../../../src/operator/runtimes/leaving-pods.ts';

const pod = (uid: string, more: Partial<PresentPod> = {}): PresentPod => ({
  uid,
  standing: 'ready',
  cost: 0,
  isMarked: false,
  isServing: true,
  isOutdated: false,
  runs: 0,
  createdMs: 1000,
  leavingForMs: undefined,
  ...more,
});
const busy = (uid: string, runs: number, more: Partial<PresentPod> = {}): PresentPod => pod(uid, { runs, ...more });
const marked = (uid: string, more: Partial<PresentPod> = {}): PresentPod =>
  pod(uid, { isMarked: true, leavingForMs: 10, ...more });

describe('the pod to remove is', () => {
  test.each<[string, PresentPod[]]>([
    [
      'one without a node before one with',
      [pod('goes', { standing: 'unassigned' }), pod('a', { standing: 'pending' })],
    ],
    ['one that has not started', [pod('goes', { standing: 'pending' }), pod('a', { standing: 'unready' })]],
    ['one that is not ready, though it is busy', [busy('goes', 3, { standing: 'unready' }), pod('a')]],
    ['a marked one, before an idle one', [marked('goes', { runs: 1 }), pod('a')]],
    ['a chosen one, before an idle one', [busy('goes', 1, { leavingForMs: 10 }), pod('a')]],
    ['the one with a low cost set by a user', [busy('goes', 2, { cost: -5 }), pod('a')]],
    ['not one with a high cost set by a user', [busy('goes', 2), pod('a', { cost: 100 })]],
    ['one of an older template', [busy('goes', 2, { isOutdated: true }), pod('a')]],
    ['an idle one', [pod('goes'), busy('a', 1)]],
    ['the one with the fewest runs', [busy('a', 3), busy('goes', 1), busy('b', 2)]],
    ['of idle ones, one that does not serve', [pod('a'), pod('goes', { isServing: false })]],
    ['the youngest of otherwise equal ones', [pod('a', { createdMs: 1 }), pod('goes', { createdMs: 2 })]],
    ['deterministic among equal ones', [pod('zzz'), pod('goes')]],
  ])('%s', (_, pods) => {
    const wanted = pods.length - 1;
    expect(departures(wanted, pods.length, pods).leaving).toEqual(['goes']);
    expect(departures(wanted, pods.length, pods.toReversed()).leaving).toEqual(['goes']);
  });
});

describe('a chosen pod', () => {
  test('is marked when idle, and removed once the mark is observed', () => {
    const idle = departures(1, 2, [pod('goes'), busy('a', 1)]);
    expect(idle).toMatchObject({ replicas: 2, leaving: ['goes'], mark: ['goes'], unmark: [] });
    const seen = departures(1, 2, [marked('goes'), busy('a', 1)]);
    expect(seen).toEqual({ replicas: 1, leaving: ['goes'], mark: [], unmark: [], lookAgainMs: undefined });
  });

  test('is not marked while it is busy', () => {
    const waits = departures(1, 2, [busy('goes', 1, { leavingForMs: 10_000 }), busy('a', 2)]);
    expect(waits).toEqual({
      replicas: 2,
      leaving: ['goes'],
      mark: [],
      unmark: [],
      lookAgainMs: PATIENCE_MS - 10_000,
    });
  });

  test('is marked and removed after 30 s even if busy', () => {
    const late = departures(1, 2, [busy('goes', 1, { leavingForMs: PATIENCE_MS }), busy('a', 2)]);
    expect(late).toMatchObject({ replicas: 2, mark: ['goes'], lookAgainMs: 5000 });
    expect(departures(1, 2, [marked('goes', { runs: 1 }), busy('a', 2)]).replicas).toBe(1);
  });

  test('is removed without a mark if none can be set', () => {
    const late = departures(1, 2, [pod('goes', { leavingForMs: PATIENCE_MS + 5000 }), busy('a', 2)]);
    expect(late).toMatchObject({ replicas: 1, mark: ['goes'] });
  });

  test('does not block idle ones', () => {
    const pods = [busy('slow', 1), pod('goes'), marked('gone'), busy('a', 4)];
    expect(departures(1, 4, pods)).toMatchObject({ replicas: 3, leaving: ['gone', 'goes', 'slow'], mark: ['goes'] });
  });
});

describe('the Deployment', () => {
  test.each<[string, number, number | undefined, PresentPod[], number]>([
    ['that does not exist yet', 3, undefined, [], 3],
    ['is scaled up', 5, 2, [pod('a'), pod('b')], 5],
    ['is scaled to zero at once', 0, 2, [busy('a', 1), busy('b', 1)], 0],
    ['loses replicas without pods at once', 2, 5, [pod('a'), busy('b', 1)], 2],
    ['loses replicas without pods at once, then waits', 1, 5, [busy('a', 1), busy('b', 2), busy('c', 2)], 3],
    ['is never scaled up while it is being scaled down', 2, 3, ['a', 'b', 'c', 'surge'].map((uid) => busy(uid, 1)), 3],
  ])('%s', (_, wanted, current, pods, replicas) => {
    expect(departures(wanted, current, pods).replicas).toBe(replicas);
  });

  test('scaled to zero: nothing is marked or unmarked', () => {
    const all = departures(0, 2, [marked('a'), busy('b', 1)]);
    expect(all).toEqual({ replicas: 0, leaving: [], mark: [], unmark: [], lookAgainMs: undefined });
  });

  test('ahead of its ReplicaSet: marks stay, and no other pod is chosen', () => {
    const pods = [marked('goes'), marked('too'), pod('a')];
    expect(departures(1, 1, pods)).toEqual({
      replicas: 1,
      leaving: ['goes', 'too'],
      mark: [],
      unmark: [],
      lookAgainMs: TAKEN_WITHIN_MS - 10,
    });
  });

  test('in a rollout has a surplus pod, and none is chosen because of it', () => {
    expect(departures(2, 2, [pod('a'), pod('b'), pod('surge')]).leaving).toEqual([]);
  });
});

describe('a marked pod is unmarked', () => {
  test.each<[string, number, number, PresentPod[]]>([
    ['if more are desired again', 3, 2, [marked('back'), pod('a')]],
    ['if as many are desired again', 2, 2, [marked('back'), pod('a')]],
    ['if another one was removed instead', 1, 1, [marked('back')]],
    ['if it is not removed in time', 1, 1, [marked('back', { leavingForMs: TAKEN_WITHIN_MS }), pod('a')]],
  ])('%s', (_, wanted, current, pods) => {
    expect(departures(wanted, current, pods)).toMatchObject({
      replicas: wanted,
      leaving: [],
      mark: [],
      unmark: ['back'],
    });
  });

  test('if fewer are to be removed: the busiest', () => {
    const pods = [marked('goes'), marked('back', { runs: 2 }), pod('a')];
    expect(departures(2, 3, pods)).toMatchObject({ replicas: 2, leaving: ['goes'], unmark: ['back'] });
  });
});

test('for any state at most the surplus is removed, marked pods are removed, and no pod is both marked and unmarked', () => {
  const pods = fc.uniqueArray(
    fc.record<PresentPod>({
      uid: fc.string({ minLength: 1, maxLength: 3 }),
      standing: fc.constantFrom(...STANDINGS),
      cost: fc.integer({ min: -1, max: 1 }),
      isMarked: fc.boolean(),
      isServing: fc.boolean(),
      isOutdated: fc.boolean(),
      runs: fc.nat(3),
      createdMs: fc.nat(3),
      leavingForMs: fc.option(fc.nat(100_000), { nil: undefined }),
    }),
    { selector: ({ uid }) => uid, maxLength: 8 },
  );
  const check = (wanted: number, current: number, present: readonly PresentPod[]): void => {
    const { replicas, leaving, mark, unmark, lookAgainMs } = departures(wanted, current, present);
    expect(leaving.length).toBeLessThanOrEqual(Math.max(0, present.length - wanted));
    expect(mark.filter((uid) => !leaving.includes(uid))).toEqual([]);
    expect(unmark.filter((uid) => leaving.includes(uid))).toEqual([]);
    expect(replicas).toBeGreaterThanOrEqual(wanted);
    expect(replicas).toBeLessThanOrEqual(Math.max(wanted, current));
    // Replicas removed from the Deployment are marked, have no pod, or have had their time.
    const settled = present.filter(
      ({ uid, isMarked, leavingForMs = 0 }) => leaving.includes(uid) && (isMarked || leavingForMs >= PATIENCE_MS),
    );
    if (wanted > 0 && wanted < current) {
      expect(Math.min(current, present.length) - replicas).toBeLessThanOrEqual(settled.length);
    }
    if (lookAgainMs !== undefined) expect(lookAgainMs).toBeGreaterThan(0);
  };
  fc.assert(fc.property(fc.nat(8), fc.nat(8), pods, check));
});
