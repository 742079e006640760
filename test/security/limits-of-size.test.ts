import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EndReason, ExecuteOptions } from '../../src/index.ts';
import { Attacker, MEMORY_BYTES, MIB } from './support/attacker.ts';

const attacker = new Attacker();
const { runtime } = attacker;
const attack = attacker.attack.bind(attacker);
beforeAll(() => runtime.ready());
afterAll(() => runtime.close());

describe('host calls', () => {
  test.each([
    ['in turn', 'for (;;) await count()'],
    ['at once', 'await Promise.all(Array.from({ length: 1000 }, () => count()))'],
    ['without waiting', 'for (let i = 0; i < 1000; i++) count(); 1'],
    ['from microtasks', 'const f = () => { count(); return Promise.resolve().then(f) }; await f()'],
    ['with arguments that cannot be JSON', 'for (;;) await count("x".repeat(600_000)).catch(() => {})'],
  ])('%s end as APICallsExceeded, and no call above the limit is made', async (_, source) => {
    let calls = 0;
    const { reason, usage } = await attack(
      source,
      { apiCalls: 10 },
      {
        setup: (host) => host.expose('count', () => void calls++),
      },
    );
    expect(reason).toBe('APICallsExceeded');
    expect(calls).toBeLessThanOrEqual(10);
    expect(usage.apiCalls).toBe(10);
  });
});

describe('sizes', () => {
  test.each<[string, string, ExecuteOptions, EndReason]>([
    ['source', `/*${'x'.repeat(1 << 20)}*/`, {}, 'LimitsRefused'],
    ['source in UTF-8', `/*${'\u20ac'.repeat(350_000)}*/`, {}, 'LimitsRefused'],
    ['params', '1', { params: 'x'.repeat(256 << 10) }, 'LimitsRefused'],
    ['depth of params', '1', { params: JSON.parse('['.repeat(5500) + ']'.repeat(5500)) }, 'LimitsRefused'],
    [
      'depth of params beyond V8',
      '1',
      { params: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) },
      'LimitsRefused',
    ],
    ['context', '1', { context: { user: { id: 'x'.repeat(100 << 20) } } }, 'LimitsRefused'],
    ['result', '"x".repeat(2000)', { limits: { resultBytes: 1000 } }, 'ResultTooLarge'],
    ['result in UTF-8', '"\u20ac".repeat(500)', { limits: { resultBytes: 1000 } }, 'ResultTooLarge'],
    ['result once it is JSON', '"\\u0001".repeat(500)', { limits: { resultBytes: 1000 } }, 'ResultTooLarge'],
    ['result by toJSON', '({ toJSON: () => "x".repeat(2000) })', { limits: { resultBytes: 1000 } }, 'ResultTooLarge'],
    ['requested memory', '1', { limits: { memoryBytes: MEMORY_BYTES + 1 } }, 'LimitsRefused'],
  ])('too much %s is refused', async (_, source, options, reason) => {
    const outcome = await runtime.execute(source, { context: { tenant: { id: 'sizes' } }, ...options });
    expect({ reason: outcome.reason, type: outcome.error?.type, result: outcome.result }).toEqual({
      reason,
      type: 'ResourceError',
      result: undefined,
    });
  });

  test.each([
    ['half characters', '"\\ud800".repeat(400_000)'],
    ['three bytes a character', '"\u20ac".repeat(400_000)'],
    ['escapes', '"\\\\\\\\".repeat(300_000)'],
  ])('arguments of %s are measured as sent', async (_, text) => {
    const source = `await echo(JSON.rawJSON('"' + ${text} + '"'))`;
    const outcome = await runtime.execute(source, { setup: (host) => host.expose('echo', () => null) });
    expect(outcome.error?.message).toContain('at most 512 KiB');
    expect(outcome.reason).toBe('RuntimeError');
  });

  test('results, calls and logs of the maximum size fit into a frame', async () => {
    const worst = '"\\\\\\"".repeat(130_000)';
    const outcome = await runtime.execute(`console.log('"'.repeat(8000)); (await echo(${worst})).length`, {
      setup: (host) => host.expose('echo', async (_, text) => text ?? null),
    });
    expect(outcome).toMatchObject({ reason: 'Completed', result: 260_000 });
  });

  test('an endless syntax error is truncated', async () => {
    const { reason, error } = await attack(`/(${'a'.repeat(2e5)}/`, {});
    expect([reason, (error?.message.length ?? 0) <= 4096]).toEqual(['CompilationError', true]);
  });

  test.each([
    ['a message', 'throw new Error("x".repeat(1e6))'],
    ['a name', 'throw Object.assign(new Error("m"), { name: "x".repeat(1e6) })'],
    ['a stack', 'throw Object.assign(new Error("m"), { stack: "    at f (script.js:1:1)\\n".repeat(1e5) })'],
    [
      'a line of a stack',
      'throw Object.assign(new Error("m"), { stack: "    at " + "f".repeat(1e6) + " (script.js:1:1)" })',
    ],
    ['a thrown string', 'throw "x".repeat(1e6)'],
    ['a thrown object', 'throw Array.from({ length: 3e4 }, (_, i) => ({ i }))'],
    [
      'a chain of causes',
      'let e = new Error("0"); for (let i = 0; i < 1e4; i++) e = new Error("x".repeat(1e4), { cause: e }); throw e',
    ],
    ['a cycle of causes', 'const e = new Error("x".repeat(1e4)); e.cause = e; throw e'],
    ['a description in toJSON', 'Object.prototype.toJSON = () => ({ message: "x".repeat(5e6) }); throw new Error("m")'],
    [
      'a name and a message too long for one string',
      'throw Object.assign(new Error("x".repeat(2 ** 29 - 24)), { name: "y".repeat(2 ** 29 - 24) })',
    ],
    ['a symbol too long for one string', 'throw Symbol("x".repeat(2 ** 29 - 24))'],
  ])('an endless %s is truncated', async (_, source) => {
    const { reason, error } = await attack(source, {});
    expect(reason).toBe('RuntimeError');
    expect(error?.message.length).toBeLessThanOrEqual(4096);
    expect(error?.stack?.length).toBeLessThanOrEqual(32_768);
    expect(JSON.stringify(error?.cause ?? null).length).toBeLessThanOrEqual(200_000);
  });
});

describe('logs', () => {
  test.each([
    ['long lines', 'for (;;) console.log("x".repeat(1e5))'],
    ['short lines', 'for (;;) console.log("x")'],
    ['empty lines', 'for (;;) console.log()'],
    ['lines of three bytes a character', 'for (;;) console.log("\\u20ac".repeat(8000))'],
    ['lines that JSON makes six times as long', 'for (;;) console.log("\\u0001".repeat(8000))'],
    [
      'all levels',
      'for (;;) for (const level of ["log", "info", "warn", "error", "debug", "table"]) console[level]({ level })',
    ],
  ])('endless %s cost the supervisor no memory', async (_, source) => {
    const before = process.memoryUsage.rss();
    const { reason, logs } = await attack(source, { timeoutMs: 500, logsBytes: 16_384 });
    expect(reason).toBe('TimeoutExceeded');
    expect(logs.reduce((sum, line) => sum + Buffer.byteLength(line.message), 0)).toBeLessThanOrEqual(16_384);
    expect(logs.length).toBeLessThanOrEqual(16_384);
    expect(process.memoryUsage.rss() - before).toBeLessThan(96 * MIB);
  });

  test('the last lines are kept', async () => {
    const { logs } = await attack('for (let i = 0; i < 1e4; i++) console.log("line", i)', { logsBytes: 100 });
    expect(logs.at(-1)?.message).toBe('line 9999');
  });
});
