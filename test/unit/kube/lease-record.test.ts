import { describe, expect, test } from '@jest/globals';
import { acquired, epochByTime, LeaseObservation, released, renewed } from '../../../src/kube/lease-record.ts';
import type { Lease } from '../../../src/kube/resources.ts';

const lease = (spec: Lease['spec']): Lease => ({ metadata: { name: 'l', namespace: 'n' }, spec: spec ?? {} });
const now = new Date('2026-03-01T10:00:00.123Z');

const by = (identity: string, at = now, lastEpoch = 0) => ({ identity, leaseDurationMs: 15_000, lastEpoch, now: at });

describe('the epoch of a term', () => {
  const byNow = epochByTime(now);

  test.each([
    ['of another holder', lease({ holderIdentity: 'b', leaseTransitions: byNow + 7 })],
    ['of an earlier term of this process', lease({ holderIdentity: 'a', leaseTransitions: byNow + 7 })],
    ['that was released', lease({ leaseTransitions: byNow + 7 })],
  ])('is one more than that of a lease %s, even if that is ahead of the clock', (_, before) => {
    expect(acquired(before, by('a', now)).spec?.leaseTransitions).toBe(byNow + 8);
  });

  test('exceeds the last epoch seen, even if the lease was deleted or reset', () => {
    const seen = byNow + 5;
    expect(acquired(lease({}), by('a', now, seen)).spec?.leaseTransitions).toBe(seen + 1);
    expect(acquired(lease({ leaseTransitions: 3 }), by('a', now, seen)).spec?.leaseTransitions).toBe(seen + 1);
  });

  test.each([
    ['made anew', {}],
    ['restored from a backup', { leaseTransitions: byNow - 86_400 }],
  ])('of a lease that was %s exceeds all earlier epochs, so that pods accept it', (_, spec) => {
    const earlier = acquired(lease({}), by('a', now)).spec?.leaseTransitions ?? 0;
    const later = acquired(lease(spec), by('b', new Date(now.getTime() + 60_000))).spec?.leaseTransitions ?? 0;
    expect(later).toBe(earlier + 60);
  });

  test.each(['1970-01-01', '2170-01-01'])('is one more if the clock is out of range: %s', (date) => {
    expect(acquired(lease({ leaseTransitions: 7 }), by('a', new Date(date))).spec?.leaseTransitions).toBe(8);
  });

  test('is unchanged by renewals and the release', () => {
    const held = acquired(lease({}), by('a', now));
    expect(renewed(held, now).spec?.leaseTransitions).toBe(held.spec?.leaseTransitions);
    expect(released(held, now).spec?.leaseTransitions).toBe(held.spec?.leaseTransitions);
  });
});

test('a lease has microsecond timestamps, and no holder once released', () => {
  const held = acquired(lease({}), by('a', now));
  expect(held.spec).toMatchObject({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-03-01T10:00:00.123000Z',
    renewTime: '2026-03-01T10:00:00.123000Z',
  });
  expect(released(held, now).spec).not.toHaveProperty('holderIdentity');
});

describe("another process's lease is free", () => {
  const held = lease({ holderIdentity: 'b', leaseDurationSeconds: 10, renewTime: '2000-01-01T00:00:00.000000Z' });

  test('once it is unchanged for its duration by the local clock, whatever times it contains', () => {
    const observation = new LeaseObservation(15_000);
    expect(observation.msUntilFree(held, 'a', 1000)).toBe(10_000);
    expect(observation.msUntilFree(held, 'a', 10_999)).toBe(1);
    expect(observation.msUntilFree(held, 'a', 11_000)).toBe(0);
  });

  test('no sooner than its duration after each change', () => {
    const observation = new LeaseObservation(15_000);
    observation.msUntilFree(held, 'a', 0);
    const changed = lease({ ...held.spec, renewTime: '1999-01-01T00:00:00.000000Z' });
    expect(observation.msUntilFree(changed, 'a', 9999)).toBe(10_000);
  });

  test('no later if its labels change', () => {
    const observation = new LeaseObservation(15_000);
    observation.msUntilFree(held, 'a', 0);
    const labelled = { ...held, metadata: { ...held.metadata, resourceVersion: '2', labels: { x: 'y' } } };
    expect(observation.msUntilFree(labelled, 'a', 9000)).toBe(1000);
  });

  test.each([
    ['it was released', lease({ leaseDurationSeconds: 10 })],
    ['it has no holder', lease({ holderIdentity: '' })],
    ['it names this process', lease({ holderIdentity: 'a', leaseDurationSeconds: 10 })],
  ])('at once if %s', (_, found) => {
    expect(new LeaseObservation(15_000).msUntilFree(found, 'a', 0)).toBe(0);
  });

  test('at once if its holder has certainly exited, but not for other holders', () => {
    const observation = new LeaseObservation(15_000, (identity) => identity === 'b');
    expect(observation.msUntilFree(held, 'a', 0)).toBe(0);
    expect(observation.msUntilFree(lease({ ...held.spec, holderIdentity: 'c' }), 'a', 0)).toBe(10_000);
  });
});
