import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { FakeFactory, fakePool, PoolError, settled } from './fake-vms.ts';

describe('retiring', () => {
  test('a VM that has been used often enough', async () => {
    const { get, put } = fakePool({ size: 1, maxUses: 2 });
    const first = await get('a');
    first.useCount = 1;
    put(first);
    expect(await get('a')).toBe(first);
    first.useCount = 2;
    put(first);
    expect(first.ended).toBe(true);
    expect(await get('a')).not.toBe(first);
  });

  test('a VM that is too old, when it comes back', async () => {
    const { get, put } = fakePool({ size: 1, maxAgeMs: 1000 });
    const vm = await get('a');
    vm.createdAt -= 1000;
    put(vm);
    expect(vm.ended).toBe(true);
  });

  test('a VM that grew too old while it was idle', async () => {
    const { get, put } = fakePool({ size: 1, maxAgeMs: 1000 });
    const vm = await get('a');
    put(vm);
    vm.createdAt -= 1000;
    expect(await get('a')).not.toBe(vm);
    expect(vm.ended).toBe(true);
  });

  test('a VM whose zygote was replaced twice, when it comes back', async () => {
    const { factory, get, put } = fakePool();
    const vm = await get('a');
    vm.isOutdated = true;
    put(vm);
    await settled();
    expect(vm.ended).toBe(true);
    expect(factory.alive).not.toContain(vm);
  });

  test('a VM that comes back unhealthy', async () => {
    const { get, put } = fakePool({ size: 1 });
    const vm = await get('a');
    vm.healthy = false;
    put(vm);
    expect(vm.ended).toBe(true);
    expect(await get('a')).not.toBe(vm);
  });

  test('a VM that holds far more memory than when it was new, looked at every 16 uses', async () => {
    const { get, put } = fakePool({ size: 1 });
    const vm = await get('a');
    vm.pid = process.pid; // a process that has grown by far more than an idle VM may
    vm.useCount = 15;
    put(vm);
    expect(vm.ended).toBe(false);
    await get('a');
    vm.useCount = 16;
    put(vm);
    expect(vm.ended).toBe(true);
  });

  test('a VM that is discarded', async () => {
    const { get, discard, gone } = fakePool({ size: 1 });
    const vm = await get('a');
    discard(vm);
    expect(vm.ended).toBe(true);
    expect(gone).toEqual([vm.id]);
    discard(vm);
    expect(gone).toEqual([vm.id]);
  });

  test('a VM that dies while nobody uses it, and another takes its place', async () => {
    const { factory, pool } = fakePool({ size: 1 });
    await pool.ready();
    factory.made[0]?.die();
    await settled();
    expect(factory.made).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ idle: 1, created: 2, destroyed: 1 });
  });

  test('VMs that do not answer the health check', async () => {
    const factory = new FakeFactory();
    factory.isWell = (vm) => vm !== factory.made[0];
    const { pool } = fakePool({ size: 2, healthIntervalMs: 10 }, factory);
    await pool.ready();
    while (factory.made.length < 3) await sleep(5);
    expect(factory.made.map((vm) => vm.ended)).toEqual([true, false, false]);
    await pool.close();
  });

  test('a health check ends none that is well, and keeps each for its tenant', async () => {
    const checked: number[] = [];
    const factory = new FakeFactory();
    let underWay = 0;
    factory.isWell = async (vm) => {
      checked.push(vm.id);
      underWay += 1;
      await settled();
      underWay -= 1;
      return true;
    };
    const { get, put, pool } = fakePool({ size: 2, spares: 1, healthIntervalMs: 10 }, factory);
    const [a, b] = [await get('a'), await get('b')];
    put(a);
    for (let i = 0; i < 50; i++) {
      await sleep(1);
      put(b); // each of these is a step of the pool, with the check under way
      await get('b');
    }
    expect(checked).toContain(a.id);
    // A VM that is being checked is given to nobody.
    await until('no check to be under way', () => underWay === 0, { everyMs: 0 });
    expect(await get('a')).toBe(a);
    expect(factory.made).toHaveLength(3);
    await pool.close();
  });
});

describe('closing', () => {
  test('every VM is ended: idle, busy, and on its way', async () => {
    const factory = new FakeFactory();
    const { get, pool } = fakePool({ size: 2 }, factory);
    await get('a');
    await settled();
    const gate = Promise.withResolvers<void>();
    factory.gate = gate.promise;
    factory.made[1]?.die();
    await settled();
    expect(factory.starts).toBe(3);
    const closed = pool.close();
    gate.resolve();
    await closed;
    expect(factory.made).toHaveLength(3);
    expect(factory.alive).toHaveLength(0);
  });

  test('a VM whose health check is under way is ended too', async () => {
    const factory = new FakeFactory();
    const check = Promise.withResolvers<boolean>();
    const asked = Promise.withResolvers<void>();
    factory.isWell = () => {
      asked.resolve();
      return check.promise;
    };
    const { pool } = fakePool({ size: 1, healthIntervalMs: 1 }, factory);
    await asked.promise;
    await pool.close();
    expect(factory.alive).toHaveLength(0);
    check.resolve(true);
    await settled();
    expect(pool.stats().idle).toBe(0);
  });

  test('those who wait, and those who come later, are told', async () => {
    const { get, pool } = fakePool({ size: 1 });
    await get('a');
    const waiting = get('a');
    const closed = pool.close();
    await expect(waiting).rejects.toThrow(PoolError);
    await expect(get('a')).rejects.toThrow(PoolError);
    await closed;
  });

  test('a VM that comes back afterwards goes nowhere', async () => {
    const { get, put, pool, factory } = fakePool({ size: 1 });
    const vm = await get('a');
    await pool.close();
    put(vm);
    expect(pool.stats()).toMatchObject({ idle: 0, busy: 0 });
    expect(factory.starts).toBe(1);
  });
});
