import { describe, expect, test } from '@jest/globals';
import { type Candidate, choosePod } from '../../../src/gateway/routing/choose-pod.ts';

const pods = (...inFlight: readonly number[]): Candidate[] =>
  inFlight.map((count, index) => ({ uid: `pod-${index}`, capacity: 4, inFlight: count }));
const chosen = (candidates: readonly Candidate[], tenant: string): string | undefined =>
  choosePod(candidates, tenant)?.uid;
const tenants = Array.from({ length: 1000 }, (_, index) => `acme/tenant-${index}`);

describe('the pod of a tenant', () => {
  test('is none without pods', () => expect(chosen([], 'acme/a')).toBeUndefined());

  test('is the same while loads are alike', () => {
    for (const tenant of tenants) expect(chosen(pods(3, 3, 3, 3), tenant)).toBe(chosen(pods(0, 0, 0, 0), tenant));
  });

  test('is spread over the pods', () => {
    const counts = Map.groupBy(tenants, (tenant) => chosen(pods(0, 0, 0, 0), tenant));
    expect(counts.size).toBe(4);
    for (const each of counts.values()) expect(each.length).toBeGreaterThan(180);
  });

  test('changes only for the tenants of a pod that goes', () => {
    const all = pods(0, 0, 0, 0);
    const left = all.filter(({ uid }) => uid !== 'pod-2');
    for (const tenant of tenants) {
      const before = chosen(all, tenant);
      if (before !== 'pod-2') expect(chosen(left, tenant)).toBe(before);
    }
  });

  test('is another where the preferred one has more than 1.25 times its share', () => {
    for (const tenant of tenants) {
      const preferred = chosen(pods(0, 0, 0, 0), tenant);
      const loaded = pods(0, 0, 0, 0).map((pod) => ({ ...pod, inFlight: pod.uid === preferred ? 4 : 0 }));
      expect(chosen(loaded, tenant)).not.toBe(preferred);
    }
  });

  test('never has more than 1.25 times its share, whoever comes', () => {
    const load = new Map(['a', 'b', 'c'].map((uid) => [uid, 0]));
    for (let count = 1; count <= 300; count += 1) {
      const candidates = [...load].map(([uid, inFlight]) => ({ uid, capacity: uid === 'a' ? 8 : 4, inFlight }));
      const uid = chosen(candidates, 'acme/one') ?? '';
      load.set(uid, (load.get(uid) ?? 0) + 1);
      for (const { uid: each, capacity } of candidates) {
        expect(load.get(each)).toBeLessThanOrEqual(Math.ceil((1.25 * count * capacity) / 16));
      }
    }
  });
});
