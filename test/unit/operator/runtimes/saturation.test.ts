import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { Condition, ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { Store } from '../../../../src/kube/store.ts';
import { SATURATED_AFTER_MS, Saturation } from '../../../../src/operator/runtimes/saturation.ts';

const KEY = 'acme/web';

let runtimes: Store<ScriptRuntime>;
let short: Set<string>;
let changed: string[];
let saturation: Saturation;
let stop: AbortController;

function begin(conditions: Condition[] = []): void {
  const made = defaultRuntime('web', 'acme');
  runtimes = new Store();
  runtimes.set({ ...made, status: { observedGeneration: 1, conditions } });
  saturation = new Saturation({
    runtimes,
    isShort: (runtime) => short.has(runtime),
    onChanged: (runtime) => changed.push(runtime),
  });
  void saturation.run(stop.signal);
}

beforeEach(() => {
  jest.useFakeTimers();
  [short, changed, stop] = [new Set(), [], new AbortController()];
});
afterEach(() => {
  stop.abort();
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('a runtime is saturated', () => {
  test('when executions have waited for 30 s, while they wait', async () => {
    begin();
    short.add(KEY);
    await pass(SATURATED_AFTER_MS);
    expect([saturation.isSaturated(KEY), changed]).toEqual([false, []]);
    await pass(1000);
    expect([saturation.isSaturated(KEY), changed]).toEqual([true, [KEY]]);
    await pass(60_000);
    expect(changed).toEqual([KEY]);
    short.delete(KEY);
    await pass(1000);
    expect([saturation.isSaturated(KEY), changed]).toEqual([false, [KEY, KEY]]);
  });

  test('not by short bursts', async () => {
    begin();
    for (let burst = 0; burst < 10; burst += 1) {
      short.add(KEY);
      await pass(SATURATED_AFTER_MS - 2000);
      short.delete(KEY);
      await pass(1000);
    }
    expect([saturation.isSaturated(KEY), changed]).toEqual([false, []]);
  });

  test('if the previous leader reported it, until it is over', async () => {
    const time = '2026-01-01T00:00:00.000000Z';
    begin([{ type: 'Saturated', status: 'True', reason: 'AllBusy', message: '', lastTransitionTime: time }]);
    short.add(KEY);
    await pass(2000);
    expect([saturation.isSaturated(KEY), changed]).toEqual([true, []]);
    short.delete(KEY);
    await pass(1000);
    expect([saturation.isSaturated(KEY), changed]).toEqual([false, [KEY]]);
  });

  test('no longer once it is deleted; a new one of its name starts afresh', async () => {
    begin();
    short.add(KEY);
    await pass(SATURATED_AFTER_MS + 1000);
    runtimes.delete(KEY);
    await pass(1000);
    expect(saturation.isSaturated(KEY)).toBe(false);
  });
});
