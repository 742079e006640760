import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { Fifo } from '../../../../src/operator/kube/fifo.ts';
import { promMetrics } from '../../../../src/operator/kube/prom.ts';
import { WorkQueue } from '../../../../src/operator/kube/work-queue.ts';

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

  test('has a key that waits go over to the group that it is of when it is added again', async () => {
    const urgent = new Set<string>();
    const queue = new WorkQueue({ name: 'test', turns: [(key) => (urgent.has(key) ? 'urgent' : 'other')] });
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    await queue.take();
    urgent.add('d');
    for (const key of ['d', 'c', 'd']) queue.add(key);
    expect([queue.length, await queue.take(), await queue.take(), await queue.take()]).toEqual([3, 'd', 'b', 'c']);
  });

  test('hands out one that was held as soon as it is of a group that is not', async () => {
    const free = new Set<string>();
    const turns = [(key: string) => (free.has(key) ? 'free' : 'held')] as const;
    const queue = new WorkQueue({ name: 'test', turns, isHeld: ([group]) => group === 'held' });
    queue.add('a');
    const taken = queue.take();
    free.add('a');
    queue.add('a');
    expect(await taken).toBe('a');
  });

  test('hands out keys in the turns of their groups, those that come back after work too', async () => {
    const queue = new WorkQueue({ name: 'test', turns: [(key) => key.slice(0, 1)] });
    for (const key of ['a1', 'a2', 'a3', 'b1']) queue.add(key);
    expect([await queue.take(), await queue.take()]).toEqual(['a1', 'b1']);
    queue.add('b1');
    queue.done('b1');
    expect([await queue.take(), await queue.take(), await queue.take(), queue.length]).toEqual(['a2', 'b1', 'a3', 0]);
  });

  test('hands out nothing of a group that is held, until it is told that this has changed', async () => {
    const held = new Set(['a']);
    const queue = new WorkQueue<string>({
      name: 'test',
      turns: [(key) => key.slice(0, 1)],
      isHeld: ([group = '']) => held.has(group),
    });
    const taken: (string | undefined)[] = [];
    for (let taker = 0; taker < 3; taker += 1) void queue.take().then((key) => taken.push(key));
    for (const key of ['a1', 'a2', 'b1']) queue.add(key);
    await jest.advanceTimersByTimeAsync(0);
    expect([taken, queue.length]).toEqual([['b1'], 2]);
    held.clear();
    queue.retry();
    await jest.advanceTimersByTimeAsync(0);
    expect([taken, queue.length]).toEqual([['b1', 'a1', 'a2'], 0]);
  });

  test('looks at no other group for a key that comes and is held itself', async () => {
    const asked: string[] = [];
    const queue = new WorkQueue<string>({
      name: 'test',
      turns: [(key) => key.slice(0, 1)],
      isHeld: ([group = '']) => {
        asked.push(group);
        return group !== 'd';
      },
    });
    for (const key of ['a1', 'b1', 'c1']) queue.add(key);
    const taken = queue.take();
    asked.length = 0;
    queue.add('a2');
    expect(asked).toEqual(['a']);
    queue.add('d1');
    expect(await taken).toBe('d1');
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
