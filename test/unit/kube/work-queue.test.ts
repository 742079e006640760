import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { Fifo } from '../../../src/kube/fifo.ts';
import { promMetrics } from '../../../src/kube/prom.ts';
import { WorkQueue } from '../../../src/kube/work-queue.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const queueOf = (...keys: string[]): WorkQueue => {
  const queue = new WorkQueue({ name: 'test' });
  for (const key of keys) queue.add(key);
  return queue;
};

describe('a work queue', () => {
  test('hands out keys in the order in which they came', async () => {
    const queue = queueOf('a', 'b', 'c');
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a', 'b', 'c']);
  });

  test('holds a key once, however often it is added', async () => {
    const queue = queueOf('a', 'b', 'a', 'a');
    expect(queue.length).toBe(2);
    expect([await queue.take(), await queue.take(), queue.length]).toEqual(['a', 'b', 0]);
  });

  test('never hands out a key that is in work, and hands it out again after if it was added meanwhile', async () => {
    const queue = queueOf('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.length).toBe(1);
    expect(await queue.take()).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  test('gives a key to whoever waits for one, first come first served', async () => {
    const queue = queueOf();
    const takers = [queue.take(), queue.take()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(takers)).toEqual(['a', 'b']);
  });

  test('lets a taker go at its signal, and gives the next key to another', async () => {
    const queue = queueOf();
    const stop = new AbortController();
    const takers = [queue.take(stop.signal), queue.take()];
    stop.abort();
    expect(await takers[0]).toBeUndefined();
    queue.add('a');
    expect(await takers[1]).toBe('a');
    expect(await queue.take(stop.signal)).toBeUndefined();
  });

  test('adds a key after a time; of two times the earlier counts', () => {
    const queue = queueOf();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 100);
    queue.addAfter('a', 5000);
    jest.advanceTimersByTime(99);
    expect(queue.length).toBe(0);
    jest.advanceTimersByTime(1);
    expect(queue.length).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect(queue.length).toBe(1);
  });

  test('keeps a delay that is longer than a timer of Node can be', () => {
    const queue = queueOf();
    const monthMs = 31 * 24 * 3600 * 1000;
    queue.addAfter('a', monthMs);
    jest.advanceTimersByTime(monthMs - 1);
    expect(queue.length).toBe(0);
    jest.advanceTimersByTime(1);
    expect(queue.length).toBe(1);
  });

  test('waits longer after each failure of a key, until it is forgotten', async () => {
    const queue = queueOf();
    const waits: number[] = [];
    for (let failure = 0; failure < 4; failure += 1) {
      queue.addRateLimited('a');
      let waitedMs = 0;
      for (; queue.length === 0; waitedMs += 1) jest.advanceTimersByTime(1);
      waits.push(waitedMs);
      await queue.take();
      queue.done('a');
    }
    expect(waits).toEqual([5, 10, 20, 40]);
    expect(queue.failures('a')).toBe(4);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });

  test('hands out nothing once closed, and keeps no timer', async () => {
    const queue = queueOf();
    const taker = queue.take();
    queue.addAfter('late', 10);
    queue.close();
    queue.add('a');
    expect(await taker).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('tells its metrics by the names of controller-runtime', async () => {
    const registry = new Registry();
    const queue = new WorkQueue({ name: 'pods', metrics: promMetrics(registry) });
    const others = new WorkQueue({ name: 'nodes', metrics: promMetrics(registry) });
    for (const key of ['a', 'b', 'b']) queue.add(key);
    others.add('n');
    jest.advanceTimersByTime(2000);
    await queue.take();
    jest.advanceTimersByTime(3000);
    queue.addRateLimited('a');
    const text = await registry.metrics();
    for (const line of [
      'workqueue_depth{name="pods"} 1',
      'workqueue_depth{name="nodes"} 1',
      'workqueue_adds_total{name="pods"} 2',
      'workqueue_retries_total{name="pods"} 1',
      'workqueue_queue_duration_seconds_sum{name="pods"} 2',
      'workqueue_unfinished_work_seconds{name="pods"} 3',
      'workqueue_longest_running_processor_seconds{name="pods"} 3',
    ]) {
      expect(text).toContain(line);
    }
    queue.done('a');
    expect(await registry.metrics()).toContain('workqueue_work_duration_seconds_sum{name="pods"} 3');
  });
});

describe('a queue in order', () => {
  test('gives back what was put in, in order, through any mix of both', () => {
    const fifo = new Fifo<number>();
    const out: (number | undefined)[] = [];
    for (let next = 0; next < 1000; next += 1) {
      fifo.push(next);
      if (next % 3 !== 0) out.push(fifo.shift());
    }
    while (fifo.length > 0) out.push(fifo.shift());
    expect(out).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(fifo.shift()).toBeUndefined();
  });
});
