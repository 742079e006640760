import { describe, expect, test } from '@jest/globals';
import {
  acquired,
  firstEpoch,
  LeaseObservation,
  released,
  renewed,
} from '../../../../src/operator/kube/lease-record.ts';
import type { Lease } from '../../../../src/operator/kube/resources.ts';

const lease = (spec: Lease['spec']): Lease => ({ metadata: { name: 'l', namespace: 'n' }, spec: spec ?? {} });
const now = new Date('2026-03-01T10:00:00.123Z');

const by = (identity: string, at = now, lastEpoch = 0) => ({ identity, leaseDurationMs: 15_000, lastEpoch, now: at });

describe('the epoch of a term', () => {
  test.each([
    ['of another holder', lease({ holderIdentity: 'b', leaseTransitions: 7 }), 8],
    ['of ourselves, before', lease({ holderIdentity: 'a', leaseTransitions: 7 }), 8],
    ['that was released', lease({ leaseTransitions: 7 }), 8],
  ])('is one more than that of a lease %s', (_, before, epoch) => {
    expect(acquired(before, by('a', now)).spec?.leaseTransitions).toBe(epoch);
  });

  test('is greater than the last that was seen, though the lease was deleted or reset', () => {
    const seen = firstEpoch(now) + 5;
    expect(acquired(lease({}), by('a', now, seen)).spec?.leaseTransitions).toBe(seen + 1);
    expect(acquired(lease({ leaseTransitions: 3 }), by('a', now, seen)).spec?.leaseTransitions).toBe(seen + 1);
  });

  test('of a new lease is greater than that of any lease made before, so that nobody who has seen one refuses it', () => {
    const earlier = acquired(lease({}), by('a', now)).spec?.leaseTransitions ?? 0;
    const later = acquired(lease({}), by('b', new Date(now.getTime() + 60_000))).spec?.leaseTransitions ?? 0;
    expect(later).toBeGreaterThan(earlier);
    expect(firstEpoch(new Date('2092-01-01'))).toBeLessThan(2 ** 31);
  });

  test('stays the same through renewals and the release', () => {
    const held = acquired(lease({}), by('a', now));
    expect(renewed(held, now).spec?.leaseTransitions).toBe(held.spec?.leaseTransitions);
    expect(released(held, now).spec?.leaseTransitions).toBe(held.spec?.leaseTransitions);
  });
});

test('a lease has times of six digits, and no holder once released', () => {
  const held = acquired(lease({}), by('a', now));
  expect(held.spec).toMatchObject({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-03-01T10:00:00.123000Z',
    renewTime: '2026-03-01T10:00:00.123000Z',
  });
  expect(released(held, now).spec).not.toHaveProperty('holderIdentity');
});

describe('a lease of another is free', () => {
  const held = lease({ holderIdentity: 'b', leaseDurationSeconds: 10, renewTime: '2000-01-01T00:00:00.000000Z' });

  test('after its duration without a change by our clock, whatever times are written in it', () => {
    const observation = new LeaseObservation(15_000);
    expect(observation.msUntilFree(held, 'a', 1000)).toBe(10_000);
    expect(observation.msUntilFree(held, 'a', 10_999)).toBe(1);
    expect(observation.msUntilFree(held, 'a', 11_000)).toBe(0);
  });

  test('no sooner than that after each change', () => {
    const observation = new LeaseObservation(15_000);
    observation.msUntilFree(held, 'a', 0);
    const changed = lease({ ...held.spec, renewTime: '1999-01-01T00:00:00.000000Z' });
    expect(observation.msUntilFree(changed, 'a', 9999)).toBe(10_000);
  });

  test('not later because somebody put a label on it', () => {
    const observation = new LeaseObservation(15_000);
    observation.msUntilFree(held, 'a', 0);
    const labelled = { ...held, metadata: { ...held.metadata, resourceVersion: '2', labels: { x: 'y' } } };
    expect(observation.msUntilFree(labelled, 'a', 9000)).toBe(1000);
  });

  test.each([
    ['it was released', lease({ leaseDurationSeconds: 10 })],
    ['it has no holder', lease({ holderIdentity: '' })],
    ['it is the rest of a term of ours', lease({ holderIdentity: 'a', leaseDurationSeconds: 10 })],
  ])('at once where %s', (_, found) => {
    expect(new LeaseObservation(15_000).msUntilFree(found, 'a', 0)).toBe(0);
  });
});
