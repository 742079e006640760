import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { FakeFactory, fakePool, PoolError, settled } from './fake-vms.ts';

describe('starting', () => {
  test('a pool starts its VMs and spares at once', async () => {
    const { pool, factory } = fakePool({ size: 2, spares: 1 });
    await pool.ready();
    await settled();
    expect(factory.made).toHaveLength(3);
    expect(pool.stats()).toEqual({ size: 2, idle: 3, busy: 0, waiting: 0, created: 3, destroyed: 0, failedStarts: 0 });
  });

  test('a lazy pool is ready at once and starts nothing', async () => {
    const { pool, factory, get } = fakePool({ lazy: true });
    await pool.ready();
    expect(factory.starts).toBe(0);
    expect(pool.isWarm).toBe(false);
    await get('a');
    expect(factory.starts).toBe(1);
  });

  test('a pool is warm from its first VM on', async () => {
    const factory = new FakeFactory();
    const open = Promise.withResolvers<void>();
    factory.gate = open.promise;
    const { pool } = fakePool({}, factory);
    expect(pool.isWarm).toBe(false);
    open.resolve();
    await pool.ready();
    expect(pool.isWarm).toBe(true);
  });

  test('a start that fails is tried again', async () => {
    const factory = new FakeFactory();
    factory.startError = new Error('no memory');
    const { get, pool } = fakePool({ size: 1 }, factory);
    const waiting = get('a');
    await settled();
    factory.startError = undefined;
    expect((await waiting).healthy).toBe(true);
    await pool.close();
  });

  test('those who wait learn of the third failure in a row, and why', async () => {
    const factory = new FakeFactory();
    factory.startError = new Error('no memory');
    const { get, pool } = fakePool({ size: 1 }, factory);
    const ready = pool.ready();
    const both = Promise.allSettled([get('a'), ready]);
    for (const result of await both) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(PoolError) });
      expect((result as PromiseRejectedResult).reason.message).toMatch(/no memory/);
    }
    expect(factory.starts).toBe(3);
    await pool.close();
  });

  test('VMs that fail to start together, on a machine that is too busy, say, are one failure', async () => {
    const factory = new FakeFactory();
    factory.startError = new Error('too late');
    const { get, pool } = fakePool({ size: 4 }, factory);
    const ends = await Promise.allSettled([get('a'), get('a'), get('a'), get('a')]);
    expect(ends.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(factory.starts).toBe(3 * 4);
    await pool.close();
  });

  test('where a VM serves, sandboxes can be started: nobody is sent away, however often others fail', async () => {
    const { get, put, discard, pool, factory } = fakePool({ size: 2 });
    await pool.ready();
    await settled();
    const [first, second] = [await get('a'), await get('a')];
    factory.startError = new Error('too late');
    discard(second);
    const [next, last] = [get('a'), get('a')];
    while (factory.starts < 2 + 5) await sleep(50);
    put(first);
    expect(await next).toBe(first);

    discard(first);
    await expect(last).rejects.toThrow('too late');
    await pool.close();
  });

  test('after failures the pool recovers by itself', async () => {
    const factory = new FakeFactory();
    factory.startError = new Error('no memory');
    const { get, pool } = fakePool({ size: 1 }, factory);
    await expect(get('a')).rejects.toThrow(PoolError);
    factory.startError = undefined;
    expect((await get('a')).healthy).toBe(true);
    await pool.close();
  });
});

describe('waiting', () => {
  test('waiters of one tenant are served in the order they came', async () => {
    const { get, put } = fakePool({ size: 1 });
    const first = await get('a');
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (n) => {
      const vm = await get('a');
      order.push(n);
      await settled();
      put(vm);
    });
    put(first);
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  test('no more run at once than the pool has room for', async () => {
    const { get, pool } = fakePool({ size: 2, spares: 1 });
    await Promise.all([get('a'), get('a')]);
    void get('a');
    await settled();
    expect(pool.stats()).toMatchObject({ busy: 2, waiting: 1 });
  });

  test('an aborted signal takes its waiter out of the line, with its reason', async () => {
    const { get, put, pool } = fakePool({ size: 1 });
    const vm = await get('a');
    const abort = new AbortController();
    const given = get('a', abort.signal);
    const next = get('a');
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    expect(pool.stats().waiting).toBe(1);
    put(vm);
    expect(await next).toBe(vm);
  });

  test('a signal that is aborted already never waits', async () => {
    const { get, pool } = fakePool();
    await expect(get('a', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(pool.stats().waiting).toBe(0);
  });

  test('a signal that aborts after the VM was given changes nothing', async () => {
    const { get, pool } = fakePool();
    const abort = new AbortController();
    await get('a', abort.signal);
    abort.abort();
    expect(pool.stats().busy).toBe(1);
  });

  test('a tenant gets the VM back that it had', async () => {
    const { get, put } = fakePool({ size: 2, spares: 1 });
    const a = await get('a');
    const b = await get('b');
    put(a);
    put(b);
    expect(await get('b')).toBe(b);
    expect(await get('a')).toBe(a);
  });
});

describe('tenants', () => {
  test('Process: another tenant gets another VM, and the old one makes room', async () => {
    const { get, put, factory, pool } = fakePool({ size: 1 });
    const a = await get('a');
    put(a);
    const b = await get('b');
    expect(b).not.toBe(a);
    expect(a.ended).toBe(true);
    expect(b.tenantKey).toBe('b');
    expect(factory.alive).toHaveLength(1);
    expect(pool.stats()).toMatchObject({ created: 2, destroyed: 1 });
  });

  test('Process: the old one stays beside it where idle VMs may hold memory', async () => {
    const { factory, get, put } = fakePool({ size: 1, idleMemoryBytes: 1 });
    const first = await get('a');
    put(first);
    const second = await get('b');
    put(second);
    expect(factory.alive).toEqual([first, second]);
    expect(await get('a')).toBe(first);
    put(first);
    put(await get('c'));
    await settled();
    // Of three, one is within the size and one within the memory.
    expect(second.ended).toBe(true);
    expect(first.ended).toBe(false);
  });

  test('Process: one tenant that never stops does not keep others out, however small the pool', async () => {
    const { get, put } = fakePool({ size: 1, lazy: true });
    let served = false;
    const flood = async (): Promise<void> => {
      while (!served) {
        const vm = await get('flood');
        await sleep(1);
        put(vm);
      }
    };
    const floods = [flood(), flood(), flood()];
    await sleep(5);
    const other = await get('other');
    served = true;
    put(other);
    await Promise.all(floods);
    expect(other.tenantKey).toBe('other');
  });

  test('Isolate: another tenant gets the same VM, renewed', async () => {
    const { get, put } = fakePool({ size: 1, tenantIsolation: 'Isolate' });
    const a = await get('a');
    put(a);
    expect(await get('b')).toBe(a);
    expect(a.resets).toBe(1);
    put(a);
    await get('b');
    expect(a.resets).toBe(1);
  });

  test('Isolate: where renewing fails the VM goes, and its waiter stays the first', async () => {
    const { get, put, factory, pool } = fakePool({ size: 1, tenantIsolation: 'Isolate' });
    const a = await get('a');
    factory.resetError = new Error('it died');
    const order: string[] = [];
    const waiting = ['b', 'c'].map(async (tenant) => {
      const vm = await get(tenant);
      order.push(tenant);
      factory.resetError = undefined;
      put(vm);
      return vm;
    });
    put(a);
    const [b] = await Promise.all(waiting);
    expect(order).toEqual(['b', 'c']);
    expect(b).not.toBe(a);
    expect(a.ended).toBe(true);
    await pool.close();
  });

  test('Isolate: a pool that closes while a VM is being renewed leaves nobody waiting', async () => {
    const { get, put, factory, pool } = fakePool({ size: 1, tenantIsolation: 'Isolate' });
    put(await get('a'));
    const gate = Promise.withResolvers<void>();
    factory.resetGate = gate.promise;
    const waiting = get('b');
    await settled();
    const closed = pool.close();
    factory.resetError = new Error('killed');
    gate.resolve();
    await expect(waiting).rejects.toThrow(PoolError);
    await closed;
  });
});
