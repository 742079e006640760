import { describe, expect, test } from '@jest/globals';
import type { CompilerOptions } from '../../../src/runtime/compiler.ts';
import { cacheOptions, poolOptions } from '../../../src/runtime/options.ts';
import { defaultSpares, type PoolOptions } from '../../../src/runtime/pool-options.ts';

const MIB = 1 << 20;

describe('how many unused VMs a pool keeps', () => {
  test.each([
    { what: 'one for each execution at once', size: 4, memoryMib: 64, spares: 4 },
    { what: 'also for one', size: 1, memoryMib: 64, spares: 1 },
    { what: 'together no more memory than one execution may use', size: 64, memoryMib: 64, spares: 12 },
    { what: 'that is less where a limit is small', size: 8, memoryMib: 16, spares: 3 },
    { what: 'but one at least', size: 8, memoryMib: 2, spares: 1 },
    { what: 'all where a limit is big', size: 64, memoryMib: 512, spares: 64 },
    { what: 'with a process for each execution too', size: 4, memoryMib: 64, isolation: 'Execution', spares: 4 },
    { what: 'one where tenants share processes', size: 4, memoryMib: 64, isolation: 'Isolate', spares: 1 },
  ] as const)('$what', ({ size, memoryMib, spares, ...more }) => {
    const tenantIsolation = 'isolation' in more ? more.isolation : 'Process';
    expect(defaultSpares({ size, tenantIsolation }, memoryMib * MIB)).toBe(spares);
    expect(poolOptions({ size, tenantIsolation }, memoryMib * MIB).spares).toBe(spares);
    expect(poolOptions({ size, tenantIsolation, spares: 7 }, memoryMib * MIB).spares).toBe(7);
  });
});

test.each([
  ['pool.sise is no option: did you mean size?', () => poolOptions({ sise: 2 } as Partial<PoolOptions>)],
  [
    'cache.enable is no option: did you mean enabled?',
    () => cacheOptions({ enable: false } as Partial<CompilerOptions>),
  ],
])('%s', (message, act) => {
  expect(act).toThrow(new TypeError(message));
});
