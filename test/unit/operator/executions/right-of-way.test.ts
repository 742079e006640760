import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { executionQueue } from '../../../../src/operator/executions/execution-queue.ts';
import type { KnownExecution } from '../../../../src/operator/executions/known-execution.ts';
import type { RightOfWay } from '../../../../src/operator/executions/right-of-way.ts';
import { promMetrics } from '../../../../src/operator/kube/prom.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A queue of keys `namespace/tenant-number`, whose tenants have been busy of late. */
function queueOf(keys: readonly string[], registry = new Registry(), waitingForPlace = (_namespace: string) => 0) {
  const { queue, rightOfWay } = executionQueue(
    {
      get: (key) => {
        const tenant = String(key).split('/')[1]?.split('-')[0];
        return { spec: { context: { tenant: { id: tenant } } }, status: {} } as unknown as KnownExecution;
      },
    },
    () => ({ waitingOf: waitingForPlace, isGranted: () => false }),
    { metrics: promMetrics(registry) },
  );
  for (const key of keys) queue.add(key);
  const parties = new Set(keys.map((key) => key.split('-')[0] ?? ''));
  for (const party of parties) work(rightOfWay, party, 10);
  return { queue, rightOfWay };
}

/** So many of a tenant's are begun and over. */
function work(rightOfWay: RightOfWay, party: string, count: number): void {
  for (const key of many(`${party}-done`, count)) {
    rightOfWay.begin(key);
    rightOfWay.end(key);
  }
}

const many = (prefix: string, count = 100): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

/** What is handed out in the next milliseconds. */
async function takenWithin(ms: number, take: Promise<string | undefined>): Promise<string | undefined> {
  let taken: string | undefined;
  void take.then((key) => {
    taken = key;
  });
  await jest.advanceTimersByTimeAsync(ms);
  return taken;
}

test('who has many waits while one of somebody who has few is claimed, and goes on when it is over', async () => {
  const { queue, rightOfWay } = queueOf(many('flood/a'));
  rightOfWay.begin('quiet/b-1');
  const next = queue.take();
  expect(await takenWithin(50, next)).toBeUndefined();
  queue.add('quiet/b-1');
  expect(await takenWithin(0, next)).toBe('quiet/b-1');
  const after = queue.take();
  expect(await takenWithin(10, after)).toBeUndefined();
  rightOfWay.end('quiet/b-1');
  expect(await takenWithin(0, after)).toBe('flood/a-0');
});

test('it lasts a tenth of a second, whatever becomes of the one that has it', async () => {
  const { queue, rightOfWay } = queueOf(many('flood/a'));
  rightOfWay.begin('quiet/b-1');
  const next = queue.take();
  expect(await takenWithin(99, next)).toBeUndefined();
  expect(await takenWithin(2, next)).toBe('flood/a-0');
});

test('once it runs, for as long as a brief script takes', async () => {
  const { queue, rightOfWay } = queueOf(many('flood/a'));
  rightOfWay.begin('quiet/b-1');
  const next = queue.take();
  expect(await takenWithin(10, next)).toBeUndefined();
  rightOfWay.runs('quiet/b-1');
  expect(await takenWithin(24, next)).toBeUndefined();
  expect(await takenWithin(2, next)).toBe('flood/a-0');
});

test('each for its own time', async () => {
  const { queue, rightOfWay } = queueOf([...many('flood/a'), ...many('other/a')]);
  rightOfWay.begin('flood/b-1');
  await jest.advanceTimersByTimeAsync(90);
  rightOfWay.begin('other/b-1');
  const next = queue.take();
  expect(await takenWithin(9, next)).toBeUndefined();
  expect(await takenWithin(2, next)).toBe('flood/a-0');
});

test('who waits for places has many', async () => {
  const waitingForPlace = (namespace: string): number => (namespace === 'waiting' ? 10_000 : 0);
  const { queue, rightOfWay } = queueOf(many('other/b'), new Registry(), waitingForPlace);
  rightOfWay.begin('waiting/a-1');
  expect(await takenWithin(0, queue.take())).toBe('other/b-0');
});

test('where all but the spare places are taken, who has many waits for no time of its own', async () => {
  const { queue, rightOfWay } = queueOf(many('flood/a'));
  queue.setFull(true);
  queue.add('quiet/b-1');
  expect(await takenWithin(0, queue.take())).toBe('quiet/b-1');
  const next = queue.take();
  expect(await takenWithin(1000, next)).toBeUndefined();
  queue.setFull(false);
  expect(await takenWithin(0, next)).toBe('flood/a-0');
  // Nothing of what it may be held for is used up.
  rightOfWay.begin('quiet/b-2');
  expect(await takenWithin(99, queue.take())).toBeUndefined();
});

test.each<[string, number, string | undefined]>([
  ['less than half of the mean has the spare place', 3, 'seldom/b-1'],
  ['more has none', 4, undefined],
])('who has begun %s', async (_, count, taken) => {
  const { queue, rightOfWay } = queueOf(many('flood/a'));
  work(rightOfWay, 'seldom/b', count);
  queue.setFull(true);
  queue.add('seldom/b-1');
  expect(await takenWithin(0, queue.take())).toBe(taken);
});

test('nobody is held for one that comes often, and everybody again when it has been seldom for a while', async () => {
  const { queue, rightOfWay } = queueOf(many('flood/a'));
  work(rightOfWay, 'often/b', 10);
  rightOfWay.begin('often/b-1');
  expect(await takenWithin(0, queue.take())).toBe('flood/a-0');
  rightOfWay.end('often/b-1');
  await jest.advanceTimersByTimeAsync(2000);
  work(rightOfWay, 'flood/a', 10);
  rightOfWay.begin('often/b-2');
  expect(await takenWithin(99, queue.take())).toBeUndefined();
});

test('what a tenant does to its neighbours costs other namespaces nothing', async () => {
  const { queue, rightOfWay } = queueOf([...many('evil/a', 5), ...many('flood/a')]);
  for (let index = 0; index < 100; index += 1) {
    rightOfWay.begin(`evil/b${index}-1`);
    expect(rightOfWay.isHeld('flood')).toBe(false);
    rightOfWay.isHeld('evil', 'a');
    await jest.advanceTimersByTimeAsync(50);
  }
  work(rightOfWay, 'flood/a', 10);
  rightOfWay.begin('quiet/b-1');
  expect(await takenWithin(99, queue.take())).toBeUndefined();
  rightOfWay.close();
});

test.each<[string, string[], string, string | undefined]>([
  ['nobody waits who has few', many('some/a', 4), 'quiet/b-1', 'some/a-0'],
  ['nobody waits for one of many', [...many('flood/a'), ...many('other/b')], 'other/b-7', 'flood/a-0'],
  ['a tenant waits for another tenant of its namespace', many('flood/a'), 'flood/b-1', undefined],
  [
    'no namespace waits for a tenant of one that has many',
    [...many('flood/a'), ...many('other/b')],
    'other/c-1',
    'flood/a-0',
  ],
])('%s', async (_, waiting, holder, taken) => {
  const { queue, rightOfWay } = queueOf(waiting);
  rightOfWay.begin(holder);
  expect(await takenWithin(20, queue.take())).toBe(taken);
});

describe('after a write of somebody who has many', () => {
  test('that took longer than one alone, they pause for twice that, where one comes seldom is about', async () => {
    const { queue, rightOfWay } = queueOf(many('flood/a'));
    work(rightOfWay, 'quiet/b', 1);
    expect(rightOfWay.wrote('flood/a-done-0', 10)).toBe(true);
    const next = queue.take();
    expect(await takenWithin(19, next)).toBeUndefined();
    expect(await takenWithin(2, next)).toBe('flood/a-0');
    expect(rightOfWay.wrote('flood/a-0', 0)).toBe(true);
    expect(await takenWithin(0, queue.take())).toBe('flood/a-1');
  });

  test('whoever has few goes on', async () => {
    const { queue, rightOfWay } = queueOf([...many('flood/a'), ...many('other/a')]);
    work(rightOfWay, 'quiet/b', 1);
    rightOfWay.wrote('flood/a-done-0', 10);
    const next = queue.take();
    expect(await takenWithin(5, next)).toBeUndefined();
    queue.add('quiet/b-1');
    expect(await takenWithin(0, next)).toBe('quiet/b-1');
    rightOfWay.close();
  });

  test('they pause until the last of several pauses is over, for a tenth of a second each at most', async () => {
    const { queue, rightOfWay } = queueOf(many('flood/a'));
    work(rightOfWay, 'quiet/b', 1);
    rightOfWay.wrote('flood/a-done-0', 1000);
    const next = queue.take();
    expect(await takenWithin(90, next)).toBeUndefined();
    rightOfWay.wrote('flood/a-done-1', 10);
    rightOfWay.wrote('flood/a-done-2', 1);
    expect(await takenWithin(19, next)).toBeUndefined();
    expect(await takenWithin(2, next)).toBe('flood/a-0');
  });

  test.each<[string, string[], string, string]>([
    ['nobody pauses where nobody is about', many('flood/a'), 'flood/a', 'flood/a'],
    ['nobody pauses for one of many', [...many('flood/a'), ...many('other/a')], 'other/a', 'flood/a'],
    ['nobody pauses after a write of one who has few', many('flood/a'), 'quiet/b', 'quiet/b'],
  ])('%s', async (_, waiting, about, wrote) => {
    const { queue, rightOfWay } = queueOf(waiting);
    work(rightOfWay, about, 1);
    expect(rightOfWay.wrote(`${wrote}-done-0`, 10)).toBe(false);
    expect(await takenWithin(0, queue.take())).toBe(waiting[0]);
  });

  test('nobody pauses for himself, as he was before he had many', async () => {
    const { queue, rightOfWay } = queueOf([]);
    work(rightOfWay, 'flood/a', 1);
    for (const key of many('flood/a')) queue.add(key);
    expect(rightOfWay.wrote('flood/a-done-0', 10)).toBe(false);
    expect(await takenWithin(0, queue.take())).toBe('flood/a-0');
  });

  test('a tenant pauses for another of its namespace', async () => {
    const { queue, rightOfWay } = queueOf(many('flood/a'));
    work(rightOfWay, 'flood/b', 1);
    expect(rightOfWay.wrote('flood/a-done-0', 10)).toBe(true);
    const next = queue.take();
    expect(await takenWithin(19, next)).toBeUndefined();
    expect(await takenWithin(2, next)).toBe('flood/a-0');
  });

  test('nobody pauses for one that was there three seconds ago', async () => {
    const { queue, rightOfWay } = queueOf(many('flood/a'));
    work(rightOfWay, 'quiet/b', 1);
    await jest.advanceTimersByTimeAsync(2999);
    expect(rightOfWay.wrote('flood/a-done-0', 10)).toBe(true);
    await jest.advanceTimersByTimeAsync(100);
    expect(rightOfWay.wrote('flood/a-done-1', 10)).toBe(false);
    expect(await takenWithin(0, queue.take())).toBe('flood/a-0');
  });

  test('a pause is counted, and not as time in which they were held too', async () => {
    const registry = new Registry();
    const { queue, rightOfWay } = queueOf(many('flood/a'), registry);
    rightOfWay.begin('quiet/b-1');
    const next = queue.take();
    expect(await takenWithin(10, next)).toBeUndefined();
    rightOfWay.wrote('flood/a-done-0', 10);
    expect(await takenWithin(30, next)).toBeUndefined();
    rightOfWay.end('quiet/b-1');
    expect(await takenWithin(0, next)).toBe('flood/a-0');
    const metrics = await registry.metrics();
    const seconds = (name: string): number =>
      Number(new RegExp(`^copepod_operator_${name}_seconds_total{for="namespace"} (.*)$`, 'm').exec(metrics)?.[1]);
    expect(seconds('paused')).toBeCloseTo(0.02);
    expect(seconds('held')).toBeCloseTo(0.02);
  });
});

test('others are held for half of the time at most, however many have the right of way', async () => {
  const registry = new Registry();
  const { queue, rightOfWay } = queueOf(many('flood/a', 2000), registry);
  const stop = new AbortController();
  let taken = 0;
  const working = (async () => {
    while ((await queue.take(stop.signal)) !== undefined) {
      taken += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  for (let index = 0; index < 200; index += 1) {
    rightOfWay.begin(`quiet-${index}/b-1`);
    await jest.advanceTimersByTimeAsync(50);
  }
  stop.abort();
  await jest.advanceTimersByTimeAsync(100);
  await working;
  const seconds = Number(
    /^copepod_operator_held_seconds_total{for="namespace"} (.*)$/m.exec(await registry.metrics())?.[1],
  );
  expect(seconds).toBeGreaterThan(4);
  expect(seconds).toBeLessThan(5.2);
  expect(taken).toBeGreaterThan(0.4 * 1000);
  rightOfWay.close();
});
