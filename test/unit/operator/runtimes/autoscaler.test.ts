import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AutoscalerConfig,
  type AutoscalerState,
  initialState,
  scale,
} from '../../../../src/operator/runtimes/autoscaler.ts';

/** Ten VMs per pod at 100 %: one pod per ten executions. */
const CONFIG: AutoscalerConfig = { minReplicas: 0, maxReplicas: 50, targetPerPod: 10, stableWindowMs: 60_000 };

interface Second {
  readonly at: number;
  readonly replicas: number;
  readonly isPanic: boolean;
}

/** Evaluates once a second; pods exist as soon as they are desired. */
function run(
  demandAt: (second: number) => number,
  seconds: number,
  config: AutoscalerConfig = CONFIG,
  first: { replicas: number; state?: AutoscalerState } = { replicas: 0 },
): Second[] {
  let state = first.state ?? initialState(0, first.replicas);
  let pods = first.replicas;
  return Array.from({ length: seconds }, (_, at) => {
    const decision = scale(config, state, { now: at * 1000, demand: demandAt(at), readyPods: pods });
    state = decision.state;
    pods = decision.replicas;
    return { at, replicas: pods, isPanic: decision.isPanic };
  });
}

const last = (seconds: readonly Second[]): number => seconds.at(-1)?.replicas ?? Number.NaN;

describe('the number of pods', () => {
  test.each<[string, number, number]>([
    ['none for nothing', 0, 0],
    ['one for one', 1, 1],
    ['one for the target of a pod', 10, 1],
    ['two above the target', 11, 2],
    ['at most maxReplicas', 10_000, 50],
  ])('is %s', (_, demand, replicas) => {
    expect(last(run(() => demand, 300))).toBe(replicas);
  });

  test('is at least minReplicas', () => {
    expect(last(run(() => 0, 300, { ...CONFIG, minReplicas: 3 }, { replicas: 3 }))).toBe(3);
  });

  test('follows the average of the stable window: a short pause does not scale down', () => {
    const seconds = run((at) => (at >= 200 && at < 205 ? 0 : 100), 260);
    expect(seconds.slice(100).every(({ replicas }) => replicas >= 9)).toBe(true);
  });

  test('falls at most by half per decision', () => {
    const seconds = run((at) => (at < 120 ? 400 : 1), 400);
    for (const [index, { replicas }] of seconds.entries()) {
      const before = seconds[index - 1]?.replicas ?? 0;
      if (replicas < before && replicas > 0) expect(replicas).toBeGreaterThanOrEqual(Math.floor(before / 2));
    }
  });
});

describe('from zero', () => {
  test('the first execution scales up in the same second', () => {
    const idle = run(() => 0, 100);
    expect(last(idle)).toBe(0);
    const seconds = run((at) => (at >= 100 ? 1 : 0), 101);
    expect(seconds[99]?.replicas).toBe(0);
    expect(seconds[100]?.replicas).toBe(1);
  });

  test('and back to zero after a stable window without executions', () => {
    const seconds = run((at) => (at < 100 ? 5 : 0), 300);
    expect(seconds.find(({ at, replicas }) => at >= 100 && replicas === 0)?.at).toBe(159); // 60 s without executions: 100 to 159
  });
});

describe('panic', () => {
  const spike = (at: number): number => (at < 120 ? 10 : 200);

  test('starts when twice the existing pods are needed, before the stable window reacts', () => {
    const seconds = run(spike, 130);
    expect(seconds[119]).toMatchObject({ replicas: 1, isPanic: false });
    expect(seconds[121]).toMatchObject({ isPanic: true });
    expect(seconds[126]?.replicas).toBeGreaterThanOrEqual(20);
  });

  test('does not scale down within a stable window after its end', () => {
    const seconds = run((at) => (at < 120 || at >= 130 ? 10 : 200), 240);
    const peak = Math.max(...seconds.map(({ replicas }) => replicas));
    expect(seconds[175]?.replicas).toBe(peak);
    expect(last(seconds)).toBe(1);
  });

  test('is the initial mode of an operator with existing pods, so that it does not remove them without data', () => {
    const seconds = run(() => 0, 70, CONFIG, { replicas: 8 });
    expect(seconds[59]?.replicas).toBe(8);
    expect(last(seconds)).toBe(0);
  });
});

test('for any load the number stays within its bounds, and converges with the load', () => {
  const loads = fc.array(fc.nat({ max: 2000 }), { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(loads, fc.nat({ max: 5 }), fc.integer({ min: 5, max: 60 }), (load, minReplicas, maxReplicas) => {
      const config = { ...CONFIG, minReplicas, maxReplicas };
      const settled = load.at(-1) ?? 0;
      const seconds = run((at) => load[at] ?? settled, load.length + 200, config, { replicas: minReplicas });
      for (const { replicas } of seconds) {
        expect(replicas).toBeGreaterThanOrEqual(minReplicas);
        expect(replicas).toBeLessThanOrEqual(maxReplicas);
      }
      expect(last(seconds)).toBe(Math.min(Math.max(Math.ceil(settled / 10), minReplicas), maxReplicas));
    }),
    { numRuns: 50 },
  );
});
