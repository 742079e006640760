/** Required behaviours of the dispatcher and its slots, as checks of given classes. A check throws if it fails. */
import { expect, jest } from '@jest/globals';
import type { Concurrency } from '../../../../src/operator/dispatch/adaptive-concurrency.ts';
import { LIMITS, RAISED } from '../../../support/limits.ts';
import { DispatchBench, type DispatchModules, flush, pod } from './dispatch-bench.ts';

type Check = (bench: (concurrency?: Partial<Concurrency>) => DispatchBench) => Promise<void>;

const names = (dispatched: readonly string[]): string[] => dispatched.map((each) => each.split(' ')[1] ?? '');

export const BEHAVIOURS: Readonly<Record<string, Check>> = {
  'namespaces alternate, however many executions one has': async (make) => {
    const bench = make();
    for (const key of ['a/1', 'a/2', 'a/3', 'b/1', 'b/2']) bench.set(key, 'write');
    expect(names(await bench.endAll())).toEqual(['a/1', 'b/1', 'a/2', 'b/2', 'a/3']);
  },

  'a namespace with one execution waits for at most one write of a namespace with thousands': async (make) => {
    const bench = make();
    for (let index = 0; index < 5000; index += 1) bench.set(`a/${index}`, 'write', { createdMs: index });
    await flush();
    bench.set('b/1', 'write', { createdMs: 9999 });
    await bench.end();
    expect(bench.underWay).toEqual(['b/1']);
  },

  'a namespace that repeatedly becomes active gets no more than its share': async (make) => {
    const bench = make();
    for (const key of ['a/1', 'a/2', 'a/3', 'a/4', 'b/1', 'b/2', 'b/3', 'b/4']) bench.set(key, 'write');
    bench.set('c/1', 'write');
    await flush();
    for (let index = 2; index < 6; index += 1) {
      for (let turns = 0; turns < 9 && bench.underWay[0] !== `c/${index - 1}`; turns += 1) await bench.end();
      bench.set(`c/${index}`, 'write');
      await bench.end();
    }
    const order = names(await bench.endAll());
    expect(order.slice(0, 9)).toEqual(['a/1', 'b/1', 'c/1', 'a/2', 'b/2', 'c/2', 'a/3', 'b/3', 'c/3']);
  },

  'ten namespaces with backlogs have equal shares': async (make) => {
    const bench = make({ limit: 4, reserved: 1 });
    const namespaces = Array.from({ length: 10 }, (_, index) => `n${index}`);
    for (const [count, namespace] of namespaces.entries()) {
      for (let index = 0; index < 50 * (count + 1); index += 1) bench.set(`${namespace}/${index}`, 'write');
    }
    await flush();
    while (bench.dispatched.length < 400) await bench.end();
    const shares = namespaces.map((each) => bench.dispatched.filter((line) => line.includes(`${each}/`)).length);
    const jain = shares.reduce((sum, x) => sum + x, 0) ** 2 / (10 * shares.reduce((sum, x) => sum + x * x, 0));
    expect(jain).toBeGreaterThan(0.999);
  },

  'runtimes of a namespace alternate': async (make) => {
    const bench = make();
    for (const key of ['a/1', 'a/2', 'a/3']) bench.set(key, 'write', { runtime: 'a/one' });
    bench.set('a/4', 'write', { runtime: 'a/other' });
    expect(names(await bench.endAll())).toEqual(['a/1', 'a/4', 'a/2', 'a/3']);
  },

  'tenants of a runtime alternate': async (make) => {
    const bench = make();
    for (const key of ['a/1', 'a/2', 'a/3']) bench.set(key, 'write', { tenant: 'acme' });
    bench.set('a/4', 'write', { tenant: 'globex' });
    expect(names(await bench.endAll())).toEqual(['a/1', 'a/4', 'a/2', 'a/3']);
  },

  'within a tenant the order is priority, age, name': async (make) => {
    const bench = make();
    bench.set('a/first', 'write', { priority: 9 });
    await flush();
    bench.set('a/y', 'write', { createdMs: 2 });
    bench.set('a/x', 'write', { createdMs: 2 });
    bench.set('a/old', 'write', { createdMs: 1 });
    bench.set('a/urgent', 'write', { createdMs: 3, priority: 1 });
    expect(names(await bench.endAll())).toEqual(['a/first', 'a/urgent', 'a/old', 'a/x', 'a/y']);
  },

  'outcomes precede claims and other writes, which alternate': async (make) => {
    const bench = make();
    bench.pods.push(pod('p', 9));
    bench.set('a/now', 'outcome');
    await flush();
    for (const key of ['a/c1', 'a/c2', 'a/c3']) bench.set(key, 'claim', { createdMs: 1 });
    for (const key of ['a/w1', 'a/w2']) bench.set(key, 'write', { createdMs: 2 });
    bench.set('a/o1', 'outcome', { createdMs: 3 });
    const order = ['a/now', 'a/o1', 'a/c1', 'a/w1', 'a/c2', 'a/w2', 'a/c3'];
    expect(names(await bench.endAll())).toEqual(order);
  },

  'a claim waits until its runtime has a free slot, and blocks no other work': async (make) => {
    const bench = make();
    bench.pods.push(pod('p', 1), pod('q', 1, { runtime: 'b/rt' }));
    for (const key of ['a/1', 'a/2', 'b/1']) bench.set(key, 'claim');
    expect(names(await bench.endAll())).toEqual(['a/1', 'b/1']);
    bench.set('a/3', 'write');
    expect(names(await bench.endAll())).toEqual(['a/1', 'b/1', 'a/3']);
    await bench.finish('a/1');
    expect(bench.underWay).toEqual(['a/2']);
  },

  'a claim is dispatched when a pod becomes available': async (make) => {
    const bench = make();
    bench.set('a/1', 'claim');
    expect(await bench.endAll()).toEqual([]);
    bench.pods.push(pod('p', 1));
    bench.slots.podsChanged();
    expect(await bench.endAll()).toEqual(['claim a/1']);
  },

  'a claim is for the pod with the most free slots': async (make) => {
    const bench = make();
    bench.pods.push(pod('small', 1), pod('large', 3), pod('middle', 2));
    for (const key of ['a/1', 'a/2', 'a/3', 'a/4']) bench.set(key, 'claim');
    await bench.endAll();
    const pods = ['a/1', 'a/2', 'a/3', 'a/4'].map((key) => bench.podNameOf(key));
    expect([pods[0], pods.filter((each) => each === 'small').length]).toEqual(['large', 1]);
  },

  'a claim is only for a pod that has the limits promised to it': async (make) => {
    const bench = make();
    bench.pods.push(pod('old', 9));
    bench.set('a/raised', 'claim', bench.promise('a/raised', RAISED));
    bench.set('a/plain', 'claim', { createdMs: 1 });
    expect(names(await bench.endAll())).toEqual(['a/plain']);
    bench.pods.push(pod('new', 1, { limits: RAISED }));
    bench.slots.podsChanged();
    bench.set('a/raised', 'claim', bench.promise('a/raised', RAISED));
    await bench.endAll();
    expect(bench.podNameOf('a/raised')).toBe('new');
  },

  'a claim without a fitting pod does not block one with a fitting pod': async (make) => {
    const bench = make();
    bench.pods.push(pod('old', 2), pod('new', 1, { limits: RAISED }));
    bench.slots.adopt('a/rt', { podName: 'new', podUID: 'uid-new', bootID: 'boot-1' });
    bench.set('a/raised', 'claim', { ...bench.promise('a/raised', RAISED), priority: 5 });
    bench.set('a/plain', 'claim');
    expect(names(await bench.endAll())).toEqual(['a/plain']);
  },

  'a slot that is disposed twice is freed once': async (make) => {
    const bench = make();
    bench.pods.push(pod('p', 2));
    const [one] = [1, 2].map(() => bench.slots.reserve({ runtime: 'a/rt', limits: LIMITS, fits: 'all' }));
    one?.[Symbol.dispose]();
    one?.[Symbol.dispose]();
    expect([bench.slots.taken.byRuntime.of('a/rt'), bench.slots.taken.byPod.of('uid-p')]).toEqual([1, 1]);
  },

  'a note is written only if there is no other work, and at a limited rate': async (make) => {
    const bench = make({ limit: 4 });
    for (const key of ['a/n1', 'a/n2', 'a/n3']) bench.set(key, 'note');
    bench.set('b/w1', 'write');
    await bench.endAll();
    expect(bench.dispatched).toEqual(['write b/w1', 'note a/n1']);
    await jest.advanceTimersByTimeAsync(49);
    expect(await bench.endAll()).toHaveLength(2);
    await jest.advanceTimersByTimeAsync(2);
    expect(await bench.endAll()).toEqual(['write b/w1', 'note a/n1', 'note a/n2']);
  },

  'writes in progress do not exceed the limit': async (make) => {
    const bench = make({ limit: 3 });
    for (const key of ['a/1', 'b/1', 'c/1', 'd/1', 'e/1']) bench.set(key, 'write');
    await flush();
    expect(bench.underWay).toHaveLength(3);
    await bench.end();
    expect(bench.underWay).toHaveLength(3);
  },

  'the last seat is never given to a namespace that has all others': async (make) => {
    const bench = make({ limit: 2, reserved: 1 });
    for (const key of ['a/1', 'a/2', 'a/3', 'a/4']) bench.set(key, 'write');
    await flush();
    expect(bench.underWay).toEqual(['a/1', 'a/2']);
    bench.set('b/1', 'write');
    await flush();
    expect(bench.underWay).toEqual(['a/1', 'a/2', 'b/1']);
  },

  'a write that hangs stops counting towards the limit': async (make) => {
    const bench = make({ limit: 1 });
    bench.set('a/hangs', 'write');
    bench.set('b/1', 'write');
    await flush();
    expect(bench.underWay).toEqual(['a/hangs']);
    await jest.advanceTimersByTimeAsync(1100);
    expect(bench.underWay).toEqual(['a/hangs', 'b/1']);
    await bench.end('a/hangs');
    expect(bench.underWay).toEqual(['b/1']);
  },

  'two namespaces whose writes hang leave seats to others': async (make) => {
    const bench = make({ limit: 2, reserved: 1, most: 16 });
    for (let i = 0; i < 20; i += 1) for (const namespace of ['a', 'b']) bench.set(`${namespace}/${i}`, 'write');
    for (let seconds = 0; seconds < 20; seconds += 1) await jest.advanceTimersByTimeAsync(1100);
    bench.set('c/1', 'write');
    await flush();
    expect(bench.underWay).toContain('c/1');
  },

  'a failed write releases its seat, and is retried with back-off': async (make) => {
    const bench = make();
    for (let failures = 0; failures < 3; failures += 1) {
      bench.set('a/1', 'write');
      await flush();
      await bench.end('a/1', new Error('refused'));
    }
    bench.set('a/1', 'write');
    await flush();
    await bench.end('a/1');
    bench.set('a/1', 'write');
    await flush();
    await bench.end('a/1', new Error('refused'));
    expect(bench.requeued.map(({ delayMs }) => delayMs)).toEqual([10, 20, 40, 0, 10]);
    expect(bench.errors).toHaveLength(4);
  },

  'an execution has one write at a time': async (make) => {
    const bench = make({ limit: 4 });
    bench.set('a/1', 'write');
    await flush();
    bench.set('a/1', 'write');
    await flush();
    expect([bench.underWay, bench.dispatcher.isWriting('a/1')]).toEqual([['a/1'], true]);
    await bench.end();
    expect([bench.underWay, bench.dispatcher.isWriting('a/1')]).toEqual([[], false]);
  },

  'changed work is dispatched in its latest version, deleted work is not dispatched': async (make) => {
    const bench = make();
    bench.set('a/now', 'write');
    await flush();
    bench.set('a/1', 'claim');
    bench.set('a/2', 'write');
    expect(bench.dispatcher.waiting.of('a/rt')).toBe(1);
    bench.set('a/1', 'write', { priority: 1 });
    bench.dispatcher.delete('a/2');
    expect([bench.dispatcher.waiting.of('a/rt'), bench.dispatcher.waiting.total]).toEqual([0, 0]);
    expect(await bench.endAll()).toEqual(['write a/now', 'write a/1']);
  },
};

/** Checks one behaviour of these classes. Requires fake timers. */
export async function check(name: string, modules: DispatchModules): Promise<void> {
  const benches: DispatchBench[] = [];
  try {
    await BEHAVIOURS[name]?.((concurrency) => {
      const bench = new DispatchBench(modules, concurrency);
      benches.push(bench);
      return bench;
    });
  } finally {
    for (const bench of benches) await bench.stop();
  }
}
