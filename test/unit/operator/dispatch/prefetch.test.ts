import { describe, expect, test } from '@jest/globals';
import { Prefetch } from '../../../../src/operator/dispatch/prefetch.ts';

function prefetch(claimMs: number, runMs: number): Prefetch {
  const made = new Prefetch();
  made.claimed(claimMs);
  made.ran('a/default', runMs);
  return made;
}

describe('claims beyond the free VMs', () => {
  test.each<[string, number, number, number]>([
    ['none if scripts take much longer than claims', 20, 1000, 0],
    ['as many as VMs if both take the same time', 20, 20, 4],
    ['some in between', 20, 40, 2],
    ['twice the VMs at most', 200, 1, 8],
  ])('are %s', (_, claimMs, runMs, ahead) => {
    expect(prefetch(claimMs, runMs).ahead('a/default', 4)).toBe(ahead);
  });

  test('are none for an unknown runtime', () => {
    expect(prefetch(20, 2).ahead('a/other', 4)).toBe(0);
    expect(new Prefetch().ahead('a/default', 4)).toBe(0);
  });

  test('are none after a runtime was idle', () => {
    const made = prefetch(20, 2);
    made.forget('a/default');
    expect(made.ahead('a/default', 4)).toBe(0);
  });

  test('adapt to a script that becomes slow within tens of runs', () => {
    const made = prefetch(20, 2);
    for (let run = 0; run < 30; run++) made.ran('a/default', 1000);
    expect(made.ahead('a/default', 4)).toBe(0);
  });
});
