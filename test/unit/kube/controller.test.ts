import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { ApiError } from '../../../src/kube/api-error.ts';
import { Controller, TerminalError } from '../../../src/kube/controller.ts';
import { promMetrics } from '../../../src/kube/prom.ts';
import { WorkQueue } from '../../../src/kube/work-queue.ts';
import { until } from '../../support/until.ts';

describe('a controller', () => {
  test('lets timers have their turn while many keys are looked at and none waits for anything', async () => {
    const queue = new WorkQueue({ name: 'test' });
    const stop = new AbortController();
    let seen = 0;
    const reconcile = async (): Promise<undefined> => {
      for (const until = performance.now() + 2; performance.now() < until; );
      seen += 1;
      return undefined;
    };
    for (let index = 0; index < 100; index += 1) queue.add(`${index}`);
    const running = new Controller({ name: 'test', queue, workers: 8, reconcile }).run(stop.signal);
    const seenByTimer = await new Promise((resolve) => setTimeout(() => resolve(seen), 1));
    expect(seenByTimer).toBeLessThan(100);
    await until('the reconciles', () => seen === 100);
    stop.abort();
    await running;
  });

  test('comes back no sooner than the API server asks, and else after its own back-off', async () => {
    const queue = new WorkQueue({ name: 'test', backoff: { baseMs: 1, maxMs: 1 } });
    const stop = new AbortController();
    const seen: { key: string; at: number }[] = [];
    const running = new Controller<string>({
      name: 'test',
      queue,
      reconcile: async (key) => {
        seen.push({ key, at: performance.now() });
        if (seen.filter((each) => each.key === key).length > 1) return undefined;
        throw key === 'throttled' ? new ApiError(429, {}, 150) : new Error('no luck');
      },
    }).run(stop.signal);
    queue.add('throttled');
    queue.add('failed');
    await until('the reconciles', () => seen.length === 4);
    stop.abort();
    await running;

    expect(seen.map(({ key }) => key)).toEqual(['throttled', 'failed', 'failed', 'throttled']);
    const [first, , , last] = seen;
    expect((last?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(145);
  });

  test('tries again after an error, drops what is terminal, comes back after a time, and forgets failures on success', async () => {
    const registry = new Registry();
    const metrics = promMetrics(registry);
    const queue = new WorkQueue({ name: 'test', metrics });
    const stop = new AbortController();
    const seen: string[] = [];
    const errors: string[] = [];
    const controller = new Controller<string>({
      name: 'test',
      queue,
      metrics,
      onError: (error, key) => errors.push(`${key}: ${(error as Error).message}`),
      reconcile: async (key) => {
        const times = seen.filter((each) => each === key).length;
        seen.push(key);
        if (key === 'fails-twice' && times < 2) throw new Error(`failure ${times + 1}`);
        if (key === 'fails-for-good') throw new TerminalError('no way');
        if (key === 'comes-back' && times === 0) return { requeueAfterMs: 20 };
        return undefined;
      },
    });
    expect(await registry.metrics()).toContain(
      'controller_runtime_reconcile_total{controller="test",result="error"} 0',
    );

    const running = controller.run(stop.signal);
    for (const key of ['fails-twice', 'fails-for-good', 'comes-back', 'succeeds']) queue.add(key);
    await until('the reconciles', () => seen.length === 7);
    stop.abort();
    await running;

    expect(seen.toSorted()).toEqual([
      ...['comes-back', 'comes-back', 'fails-for-good', 'fails-twice', 'fails-twice', 'fails-twice', 'succeeds'],
    ]);
    expect(errors.toSorted()).toEqual(['fails-for-good: no way', 'fails-twice: failure 1', 'fails-twice: failure 2']);
    expect(queue.failures('fails-twice')).toBe(0);
    const text = await registry.metrics();
    for (const line of [
      'controller_runtime_reconcile_total{controller="test",result="error"} 3',
      'controller_runtime_reconcile_total{controller="test",result="requeue_after"} 1',
      'controller_runtime_reconcile_total{controller="test",result="success"} 3',
      'controller_runtime_reconcile_errors_total{controller="test"} 3',
      'controller_runtime_terminal_reconcile_errors_total{controller="test"} 1',
      'controller_runtime_reconcile_time_seconds_count{controller="test"} 7',
      'controller_runtime_active_workers{controller="test"} 0',
    ]) {
      expect(text).toContain(line);
    }
  });

  test('works on as many keys at once as it may, and on no key twice at once', async () => {
    const queue = new WorkQueue({ name: 'test' });
    const stop = new AbortController();
    const active = new Map<string, number>();
    const twice: string[] = [];
    let most = 0;
    let done = 0;
    const controller = new Controller<string>({
      name: 'test',
      queue,
      workers: 3,
      reconcile: async (key) => {
        if (active.get(key)) twice.push(key);
        active.set(key, (active.get(key) ?? 0) + 1);
        most = Math.max(most, [...active.values()].filter((count) => count > 0).length);
        await new Promise((resolve) => setTimeout(resolve, 2));
        active.set(key, 0);
        done += 1;
        return undefined;
      },
    });
    const running = controller.run(stop.signal);
    for (let round = 0; round < 10; round += 1) {
      for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await until('the reconciles', () => queue.length === 0 && [...active.values()].every((count) => count === 0));
    stop.abort();
    await running;
    expect(twice).toEqual([]);
    expect(most).toBe(3);
    expect(done).toBeGreaterThanOrEqual(5);
  });

  test('stops taking keys at its signal, and waits for the reconcile that runs', async () => {
    const queue = new WorkQueue({ name: 'test' });
    const stop = new AbortController();
    const steps: string[] = [];
    const controller = new Controller<string>({
      name: 'test',
      queue,
      reconcile: async (key, signal) => {
        steps.push(`${key} begins`);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await new Promise((resolve) => setTimeout(resolve, 10));
        steps.push(`${key} ends`);
        return undefined;
      },
    });
    queue.add('a');
    queue.add('b');
    const running = controller.run(stop.signal);
    await until('the reconciles', () => steps.length === 1);
    stop.abort();
    await running;
    expect(steps).toEqual(['a begins', 'a ends']);
    expect(queue.length).toBe(1);
  });
});
