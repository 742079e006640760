import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createRuntime, ScriptError } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';

describe('compile()', () => {
  const engine = engineForTests();

  test('returns a program that any tenant can run repeatedly', async () => {
    const program = await engine.runtime.compile('double.js', 'export default ({ n }) => n * 2');
    for (const [id, n] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as const) {
      expect(await engine.runtime.execute(program, { params: { n }, context: { tenant: { id } } })).toMatchObject({
        result: n * 2,
      });
    }
  });

  test('compiles once for all tenants', async () => {
    const before = engine.runtime.metrics().compilation;
    const program = await engine.runtime.compile('once.js', '1 + 1');
    for (const id of ['a', 'b', 'c', 'a']) await engine.runtime.execute(program, { context: { tenant: { id } } });
    const after = engine.runtime.metrics().compilation;
    expect({ misses: after.misses - before.misses, hits: after.hits - before.hits }).toEqual({ misses: 1, hits: 4 });
  });

  test('does not run the script', async () => {
    await engine.runtime.compile('endless.js', 'for (;;);');
    await engine.runtime.compile('throws.js', 'throw new Error("x")');
  });

  test('recognizes TypeScript by the file name', async () => {
    const program = await engine.runtime.compile(
      'rule.ts',
      'export default (params: { n: number }): number => params.n',
    );
    expect(program).toMatchObject({ name: 'rule.ts', language: 'TypeScript' });
    expect(await engine.runtime.execute(program, { params: { n: 1 } })).toMatchObject({ result: 1 });
  });

  test('errors of a program contain its file name', async () => {
    const program = await engine.runtime.compile('rules/vat.js', '\nnull.x');
    const { error } = await engine.runtime.execute(program);
    expect(error?.stack).toContain('at rules/vat.js:2:6');
  });

  test.each([
    ['const a = ;', 'CompilationError', { line: 1, column: 11 }],
    ['import "fs"', 'CompilationError', { line: 1, column: 8 }],
    [' '.repeat((1 << 20) + 1), 'LimitsRefused', {}],
  ])('throws the error of a source: %j', async (source, reason, place) => {
    const error = await engine.runtime.compile('a.js', source).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ScriptError);
    expect(error).toMatchObject({ reason, ...place });
  });

  test('rejects after close()', async () => {
    const runtime = createRuntime({ pool: { size: 1 } });
    await runtime.close();
    await expect(runtime.compile('a.js', '1')).rejects.toThrow(/closed/);
  });
});

describe('the code cache', () => {
  const engine = engineForTests({ cache: { size: 2 } });

  test('the same source is compiled once', async () => {
    const before = engine.runtime.metrics().compilation;
    for (let i = 0; i < 5; i++) await engine.run('"cached"');
    const after = engine.runtime.metrics().compilation;
    expect({ misses: after.misses - before.misses, hits: after.hits - before.hits }).toEqual({ misses: 1, hits: 4 });
  });

  test('holds at most its maximum number of programs', async () => {
    for (let i = 0; i < 5; i++) await engine.runtime.compile(`${i}.js`, `"program ${i}"`);
    expect(engine.runtime.metrics().compilation.size).toBe(2);
  });

  test('sources of equal length are distinguished', async () => {
    const sources = ['"aaa"', '"bbb"', '"ccc"', '"aaa"', '"bbb"'];
    const results = [];
    for (const source of sources) results.push(await engine.result(source));
    expect(results).toEqual(['aaa', 'bbb', 'ccc', 'aaa', 'bbb']);
  });

  test('the file name determines the kind of source', async () => {
    expect(await engine.result('typeof this', { name: 'a.js' })).toBe('object');
    expect(await engine.result('export default typeof this', { name: 'a.mjs' })).toBe('undefined');
  });

  test('a compilation error does not affect later executions', async () => {
    for (let i = 0; i < 3; i++) expect(await engine.run('const a = ;')).toMatchObject({ reason: 'CompilationError' });
    expect(await engine.result('1')).toBe(1);
  });
});

describe('without a cache', () => {
  const engine = engineForTests({ cache: { enabled: false } });

  test('every execution compiles, with the same results', async () => {
    for (let i = 0; i < 3; i++) expect(await engine.result('"fresh"')).toBe('fresh');
    expect(engine.runtime.metrics().compilation).toEqual({ size: 0, hits: 0, misses: 3 });
  });
});

describe('metrics()', () => {
  const engine = engineForTests({ tenants: ['default'] });

  test('counts executions by reason', async () => {
    expect(engine.runtime.metrics().executions).toEqual({
      total: 0,
      succeeded: 0,
      errors: 0,
      timeouts: 0,
      running: 0,
      pending: 0,
    });
    await engine.run('1');
    await engine.run('2');
    await engine.run('throw 1');
    await engine.run('const a = ;');
    await engine.run('for (;;);', { limits: { timeoutMs: 50 } });
    await engine.run('1', { context: { tenant: { id: 'other' } } });
    await engine.run('1', { signal: AbortSignal.abort() });
    const { executions, reasons } = engine.runtime.metrics();
    expect(executions).toEqual({ total: 7, succeeded: 2, errors: 3, timeouts: 1, running: 0, pending: 0 });
    expect(reasons).toEqual({
      Completed: 2,
      RuntimeError: 1,
      CompilationError: 1,
      TimeoutExceeded: 1,
      TenantRefused: 1,
      Cancelled: 1,
    });
  });

  test('reports running and waiting executions', async () => {
    const open = Promise.withResolvers<null>();
    const started = Promise.withResolvers<void>();
    const setup = (host: { expose(name: string, fn: () => Promise<null>): void }): void =>
      host.expose('wait', () => {
        started.resolve();
        return open.promise;
      });
    const first = engine.run('await wait()', { setup });
    await started.promise;
    const others = [engine.run('1'), engine.run('2')];
    while (engine.runtime.metrics().pool.waiting < 2) await sleep(1); // they are compiled first
    expect(engine.runtime.metrics()).toMatchObject({
      executions: { running: 1, pending: 2 },
      pool: { size: 1, busy: 1, waiting: 2 },
    });
    open.resolve(null);
    await Promise.all([first, ...others]);
    expect(engine.runtime.metrics()).toMatchObject({
      executions: { running: 0, pending: 0 },
      pool: { busy: 0, waiting: 0 },
    });
  });
});

describe('usage', () => {
  const engine = engineForTests();

  test('CPU time is that of the script, and at most the wall time', async () => {
    const { usage } = await engine.run('let sum = 0; for (let i = 0; i < 5e7; i++) sum += i % 7; sum');
    expect(usage.cpuMilliseconds).toBeGreaterThan(10);
    expect(usage.wallMilliseconds).toBeGreaterThan(usage.cpuMilliseconds * 0.5);
    const idle = await engine.run('1');
    expect(idle.usage.cpuMilliseconds).toBeLessThan(50);
    expect(idle.usage.wallMilliseconds).toBeGreaterThan(0);
  });

  test('waiting takes no CPU time', async () => {
    const { usage } = await engine.run('await wait()', {
      setup: (host) => host.expose('wait', () => new Promise((resolve) => setTimeout(() => resolve(null), 100))),
    });
    expect(usage.wallMilliseconds).toBeGreaterThanOrEqual(99);
    expect(usage.cpuMilliseconds).toBeLessThan(60);
  });

  test('heap size grows with the objects a script holds', async () => {
    const held = (n: number): Promise<number> =>
      engine
        .run(`globalThis.held = Array.from({ length: ${n} }, (_, i) => ({ i })); 1`)
        .then(({ usage }) => usage.peakHeapBytes);
    const [little, much] = [await held(10), await held(200_000)];
    expect(little).toBeLessThan(4 << 20);
    expect(much).toBeGreaterThan(5 << 20);
    expect(much).toBeLessThan(64 << 20);
  });

  test('buffers count as memory', async () => {
    const { usage } = await engine.run('globalThis.held = new Uint8Array(16 << 20).fill(1); 1');
    expect(usage.peakHeapBytes).toBeGreaterThan(15 << 20);
  });

  test('a refused execution has no usage', async () => {
    expect((await engine.run('1', { limits: { timeoutMs: 1e9 } })).usage).toEqual({
      cpuMilliseconds: 0,
      wallMilliseconds: 0,
      peakHeapBytes: 0,
      apiCalls: 0,
    });
  });

  test('a killed execution has the usage measured so far', async () => {
    const { usage } = await engine.run('for (;;);', { limits: { cpuTimeMs: 100 } });
    expect(usage.cpuMilliseconds).toBeGreaterThanOrEqual(100);
    expect(usage.wallMilliseconds).toBeGreaterThanOrEqual(100);
  });
});
