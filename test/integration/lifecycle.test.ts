import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { createRuntime, DEFAULT_LIMITS, type ExecutionOutcome } from '../../src/index.ts';
import { ownDescendants } from '../security/support/processes.ts';

describe('createRuntime()', () => {
  test('needs no options', async () => {
    await using runtime = createRuntime();
    await runtime.ready();
    expect(runtime.isReady).toBe(true);
    expect(await runtime.execute('40 + 2')).toMatchObject({ reason: 'Completed', result: 42 });
    expect(runtime.metrics().pool.size).toBe(4);
  });

  test('need not be awaited', async () => {
    await using runtime = createRuntime({ pool: { size: 1, spares: 0 } });
    expect(runtime.isReady).toBe(false);
    expect(await runtime.execute('1')).toMatchObject({ result: 1 });
    expect(runtime.isReady).toBe(true);
  });

  test('treats undefined as omitted', async () => {
    const unset = undefined as never;
    await using runtime = createRuntime({
      pool: { size: 1, spares: unset, maxUses: unset },
      cache: { size: unset },
      limits: { timeoutMs: unset },
      tenants: unset,
    });
    expect(await runtime.execute('1', { limits: { timeoutMs: unset }, params: unset, signal: unset })).toMatchObject({
      result: 1,
    });
  });

  test.each([{ size: 0 }, { size: Number.NaN }, { spares: -1 }, { maxUses: 0 }])('refuses a pool of %j', (pool) => {
    expect(() => createRuntime({ pool })).toThrow(/^pool\.\w+ must be a number from \d, not/);
  });

  test('an execution that is cancelled before it begins leaves no rejection to its program', async () => {
    const program = `
      const { createRuntime } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
      const runtime = createRuntime({ pool: { size: 1, lazy: true, spares: 0 } });
      const { reason } = await runtime.execute('export default 1', { signal: AbortSignal.abort() });
      await runtime.close();
      console.log(reason);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, output }).toEqual({ code: 0, output: 'Cancelled\n' });
  });

  test('a listener that throws does not affect executions', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const fail = (what: string) => () => {
      throw new Error(what);
    };
    await using runtime = createRuntime({
      pool: { size: 1, spares: 0 },
      observer: { executionStarted: fail('observer') },
    });
    expect(await runtime.execute('console.log(1); 2', { onLog: fail('onLog') })).toMatchObject({ result: 2 });
    expect(await runtime.execute('3')).toMatchObject({ result: 3 });
    const warned = warning.mock.calls.map(([text]) => String(text).split(': ').pop());
    warning.mockRestore();
    expect(warned).toEqual(['observer', 'onLog', 'observer']);
  });

  test('its limits are the default and the maximum of each execution', async () => {
    await using runtime = createRuntime({ pool: { size: 1, spares: 0 }, limits: { resultBytes: 10, timeoutMs: 1000 } });
    expect(await runtime.execute('"x".repeat(8)')).toMatchObject({ reason: 'Completed' });
    expect(await runtime.execute('"x".repeat(9)')).toMatchObject({ reason: 'ResultTooLarge' });
    expect(await runtime.execute('"x"', { limits: { resultBytes: 2 } })).toMatchObject({ reason: 'ResultTooLarge' });
    expect(await runtime.execute('1', { limits: { resultBytes: 11 } })).toMatchObject({
      reason: 'LimitsRefused',
      error: { type: 'ResourceError', message: 'limits.resultBytes asks for 11, and the runtime allows 10' },
    });
    expect(await runtime.execute('1', { limits: { timeoutMs: 2000 } })).toMatchObject({ reason: 'LimitsRefused' });
  });

  test('limits that are not numbers throw', async () => {
    expect(() => createRuntime({ limits: { timeoutMs: Number.NaN } })).toThrow(TypeError);
    expect(() => createRuntime({ limits: { resultBytes: 1 << 20 } })).toThrow(/resultBytes/);
    await using runtime = createRuntime({ pool: { size: 1, lazy: true } });
    await expect(runtime.execute('1', { limits: { timeoutMs: Number.NaN } })).rejects.toThrow(TypeError);
  });

  test('a flood of large log lines and a result of the maximum size arrive', async () => {
    const limits = { logsBytes: 1 << 20, resultBytes: 512 << 10, cpuTimeMs: 10_000 };
    await using runtime = createRuntime({ pool: { size: 1, spares: 0 }, limits });
    const flood = String.raw`for (let i = 0; i < 1000; i++) console.log("\u0001".repeat(8000)); "done"`;
    expect(await runtime.execute(flood)).toMatchObject({ reason: 'Completed', result: 'done' });
    expect(await runtime.execute(String.raw`"\u0001".repeat(87_000)`)).toMatchObject({ reason: 'Completed' });
    expect(await runtime.execute(`'"'.repeat(262_000)`)).toMatchObject({ reason: 'Completed' });
    expect(await runtime.execute('"x".repeat(600_000)')).toMatchObject({ reason: 'ResultTooLarge' });
  });

  test('admits the tenants in its list', async () => {
    await using runtime = createRuntime({ pool: { size: 1, lazy: true, spares: 0 }, tenants: ['a'] });
    expect(await runtime.execute('1', { context: { tenant: { id: 'a' } } })).toMatchObject({ result: 1 });
    expect(await runtime.execute('1', { context: { tenant: { id: 'b' } } })).toMatchObject({
      reason: 'TenantRefused',
      error: { type: 'ResourceError', retryable: false },
    });
  });

  test('its defaults are those of the API', () => {
    expect(DEFAULT_LIMITS).toEqual({
      memoryBytes: 64 * 1024 * 1024,
      cpuTimeMs: 1000,
      timeoutMs: 30_000,
      apiCalls: 100,
      fetchBytes: 10 * 1024 * 1024,
      resultBytes: 32 * 1024,
      logsBytes: 16 * 1024,
    });
  });
});

describe('concurrent executions', () => {
  test('200 executions in two processes, each with its own result', async () => {
    await using runtime = createRuntime({ pool: { size: 2 } });
    const source = `
      const square = await host.square(params.n);
      console.log('n', params.n);
      if (params.n % 10 === 9) throw new Error('n ' + params.n);
      ({ n: params.n, square, id: context.requestID, leak: typeof leaked, x: globalThis.leaked = 1 })`;
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        runtime.execute(source, {
          params: { n },
          context: { requestID: `r-${n}` },
          setup: (host) => host.expose('host.square', async (_call, value) => Number(value) ** 2),
        }),
      ),
    );
    for (const [n, outcome] of outcomes.entries()) {
      expect(outcome.logs.map((line) => line.message)).toEqual([`n ${n}`]);
      expect(outcome.usage.apiCalls).toBe(1);
      if (n % 10 === 9) expect(outcome).toMatchObject({ reason: 'RuntimeError', error: { message: `Error: n ${n}` } });
      else expect(outcome.result).toEqual({ n, square: n ** 2, id: `r-${n}`, leak: 'undefined', x: 1 });
    }
    expect(runtime.metrics().executions).toMatchObject({ total: 200, succeeded: 180, errors: 20 });
  });

  test('scripts of different kinds do not affect each other', async () => {
    await using runtime = createRuntime({ pool: { size: 2 }, limits: { timeoutMs: 300 } });
    const kinds: [string, string][] = [
      ['1', 'Completed'],
      ['throw 1', 'RuntimeError'],
      ['const a = ;', 'CompilationError'],
      ['for (;;);', 'TimeoutExceeded'],
      ['await new Promise(() => {})', 'TimeoutExceeded'],
      ['"x".repeat(40_000)', 'ResultTooLarge'],
      ['await missing()', 'RuntimeError'],
    ];
    const asked = Array.from({ length: 42 }, (_, i) => kinds[i % kinds.length] as [string, string]);
    const outcomes = await Promise.all(
      asked.map(([source], i) => runtime.execute(source, { context: { tenant: { id: `t${i % 3}` } } })),
    );
    expect(outcomes.map((outcome) => outcome.reason)).toEqual(asked.map(([, reason]) => reason));
  });
});

describe('cancelling', () => {
  test('before the start, while waiting, and while running', async () => {
    await using runtime = createRuntime({ pool: { size: 1, spares: 0 } });
    await runtime.ready();
    const abort = new AbortController();
    const before = runtime.execute('1', { signal: AbortSignal.abort() });
    const running = runtime.execute('for (;;);', { signal: abort.signal });
    const waiting = runtime.execute('2', { signal: abort.signal });
    await sleep(50);
    abort.abort();
    for (const outcome of await Promise.all([before, running, waiting])) {
      expect(outcome).toMatchObject({ reason: 'Cancelled' });
      expect(outcome).not.toHaveProperty('error');
      expect(outcome).not.toHaveProperty('result');
    }
    expect(await runtime.execute('3')).toMatchObject({ result: 3 });
  });

  test('after the end changes nothing', async () => {
    await using runtime = createRuntime({ pool: { size: 1, spares: 0 } });
    const abort = new AbortController();
    expect(await runtime.execute('1', { signal: abort.signal })).toMatchObject({ result: 1 });
    abort.abort();
    expect(await runtime.execute('2')).toMatchObject({ result: 2 });
    expect(runtime.metrics().pool.destroyed).toBe(0);
  });
});

describe('close()', () => {
  test('cancels running and waiting executions, and leaves no process', async () => {
    const runtime = createRuntime({ pool: { size: 2 } });
    await runtime.ready();
    const executions: Promise<ExecutionOutcome>[] = Array.from({ length: 6 }, (_, i) =>
      runtime.execute(i % 2 ? 'for (;;);' : 'await new Promise(() => {})', { context: { tenant: { id: `t${i}` } } }),
    );
    await sleep(30);
    expect(ownDescendants().length).toBeGreaterThan(0);
    await runtime.close();
    expect(ownDescendants()).toEqual([]);
    const reasons = (await Promise.all(executions)).map((outcome) => outcome.reason);
    for (const reason of reasons) expect(['Cancelled', 'TimeoutExceeded']).toContain(reason);
    expect(reasons).toContain('Cancelled');
    expect(runtime.isReady).toBe(false);
  });

  test('while processes are starting leaves none of them', async () => {
    const runtime = createRuntime({ pool: { size: 3 } });
    await runtime.close();
    expect(ownDescendants()).toEqual([]);
  });

  test('may be called again', async () => {
    const runtime = createRuntime({ pool: { size: 1 } });
    await Promise.all([runtime.close(), runtime.close()]);
    await runtime.close();
    expect(ownDescendants()).toEqual([]);
  });

  test('executions afterwards are rejected', async () => {
    const runtime = createRuntime({ pool: { size: 1 } });
    await runtime.close();
    await expect(runtime.execute('1')).rejects.toThrow(/closed/);
    await expect(runtime.ready()).rejects.toThrow(/closed/);
  });

  test('closing a runtime does not affect another', async () => {
    const [one, other] = [createRuntime({ pool: { size: 1 } }), createRuntime({ pool: { size: 1 } })];
    await Promise.all([one.ready(), other.ready()]);
    await one.close();
    expect(await other.execute('1')).toMatchObject({ result: 1 });
    await other.close();
    expect(ownDescendants()).toEqual([]);
  });

  test('isolates that are being renewed are closed too', async () => {
    const runtime = createRuntime({ pool: { size: 1, spares: 0, tenantIsolation: 'Isolate' } });
    await runtime.ready();
    const executions = ['a', 'b', 'c', 'd'].map((id) => runtime.execute('1', { context: { tenant: { id } } }));
    await executions[0];
    await runtime.close();
    for (const outcome of await Promise.all(executions)) expect(['Completed', 'Cancelled']).toContain(outcome.reason);
    expect(ownDescendants()).toEqual([]);
  });
});
