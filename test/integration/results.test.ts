import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

describe('the default export of a module is its result', () => {
  test.each<[string, unknown]>([
    ['export default 1', 1],
    ['export default "text"', 'text'],
    ['export default null', null],
    ['export default { a: [1, { b: null }] }', { a: [1, { b: null }] }],
    ['export default ({ a: 1 })', { a: 1 }],
    ['export default () => 1', 1],
    ['export default function () { return 1 }', 1],
    ['export default function named() { return named.name }', 'named'],
    ['export default async () => 1', 1],
    ['export default async function () { await null; return 1 }', 1],
    ['export default (params) => params', { p: 1 }],
    ['export default ({ p }) => p', 1],
    ['export default (params, context) => context.tenant.id', 'default'],
    ['export default (...args) => args.length', 3],
    ['export default new Promise((resolve) => resolve(1))', 1],
    ['export default { then(resolve) { resolve(1) } }', 1],
    ['export default () => () => 1', 'RuntimeError'],
    ['export default (() => ({ a: 1 }))()', { a: 1 }],
    ['const value = 1; export { value as default }', 1],
    ['export default await Promise.resolve(1)', 1],
    ['const value = await Promise.resolve(1); export default () => value', 1],
    ['export const other = 1', undefined],
    ['export default undefined', undefined],
    ['export default () => {}', undefined],
    ['export default class { }', 'RuntimeError'],
    ['export default (() => class { })()', 'RuntimeError'],
    ['export default Symbol("s")', 'RuntimeError'],
    ['export default params.p', 1],
    ['export default context.tenant.name', 'default'],
  ])('%s', async (source, expected) => {
    const outcome = await engine.run(source, { params: { p: 1 } });
    if (expected === 'RuntimeError') {
      expect(outcome.reason).toBe('RuntimeError');
    } else {
      expect(outcome.error).toBeUndefined();
      expect(outcome.reason).toBe('Completed');
      expect(outcome.result).toEqual(expected);
    }
  });
});

describe("a script's completion value is its result", () => {
  test.each<[string, unknown]>([
    ['1', 1],
    ['1 + 1;', 2],
    ['"text"', 'text'],
    ['const a = 1; a', 1],
    ['const a = 1', undefined],
    ['if (true) { "yes" } else { "no" }', 'yes'],
    ['[1, 2].map((n) => n * 2)', [2, 4]],
    ['({ a: 1 })', { a: 1 }],
    ['Promise.resolve(1)', 1],
    ['(async () => 1)()', 1],
    ['await 1', 1],
    ['await Promise.all([1, 2].map(async (n) => n * 2))', [2, 4]],
    ['let sum = 0; for await (const n of [1, 2]) sum += n', 3],
    ['params.p', 1],
    ['context.tenant.id', 'default'],
    ['this === globalThis', true],
    ['', undefined],
    ['// nothing', undefined],
    ['#!/usr/bin/env node\n1', 1],
    ['\ufeff1', 1],
    ['1\r\n2\r\n', 2],
  ])('%j', async (source, expected) => {
    const outcome = await engine.run(source, { params: { p: 1 } });
    expect(outcome.error).toBeUndefined();
    expect(outcome).toMatchObject({ reason: 'Completed' });
    expect(outcome.result).toEqual(expected);
  });
});

describe('a result is the JSON of the value', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['true', true],
    ['0', 0],
    ['-0', 0],
    ['NaN', null],
    ['Infinity', null],
    ['1e21', 1e21],
    ['9007199254740993', 9007199254740992],
    ['0.1 + 0.2', 0.1 + 0.2],
    ['5e-324', 5e-324],
    ['new Date(0)', '1970-01-01T00:00:00.000Z'],
    ['new Date(NaN)', null],
    ['new Map([[1, 2]])', {}],
    ['new Set([1])', {}],
    ['/re/', {}],
    ['new Error("x")', {}],
    ['new Uint8Array([1, 2])', { '0': 1, '1': 2 }],
    ['[undefined, () => 1, Symbol("s")]', [null, null, null]],
    ['({ a: undefined, b: () => 1, c: 1, [Symbol("s")]: 2 })', { c: 1 }],
    ['new Array(3)', [null, null, null]],
    ['[1, , 3]', [1, null, 3]],
    ['Object.assign([1], { extra: 2 })', [1]],
    ['Object(5)', 5],
    ['Object("s")', 's'],
    ['({ toJSON: () => ({ a: 1 }) })', { a: 1 }],
    ['({ a: { toJSON: (key) => "key " + key } })', { a: 'key a' }],
    ['({ toJSON: () => undefined })', undefined],
    ['new (class { a = 1; #b = 2; get c() { return 3 } })()', { a: 1 }],
    ['Object.create({ inherited: 1 }, { hidden: { value: 2 } })', {}],
    ['Object.create(null, { a: { value: 1, enumerable: true } })', { a: 1 }],
    ['new Proxy({ a: 1 }, {})', { a: 1 }],
    ['({ get a() { return 1 } })', { a: 1 }],
    ['"é € 😀 \\u2028"', 'é € 😀 \u2028'],
    ['"a\\0b"', 'a\0b'],
    ['"\\ud800"', '\ufffd'],
    ['({ "\\0": 1, "ü": 2 })', { '\0': 1, ü: 2 }],
    ['JSON.parse(\'{"__proto__": 1}\')', JSON.parse('{"__proto__": 1}')],
    ['"x".repeat(30000)', 'x'.repeat(30_000)],
    ['Array.from({ length: 1000 }, (_, i) => i)', Array.from({ length: 1000 }, (_, i) => i)],
  ])('%s', async (source, expected) => {
    const outcome = await engine.run(source);
    expect(outcome.error).toBeUndefined();
    expect(outcome.result).toEqual(expected);
  });

  test('undefined is no result, null is a result', async () => {
    expect(await engine.run('undefined')).not.toHaveProperty('result');
    expect(await engine.run('null')).toHaveProperty('result', null);
  });

  test.each<[string, RegExp]>([
    ['const a = {}; a.self = a; a', /circular structure/],
    ['1n', /BigInt/],
    ['({ a: [1n] })', /BigInt/],
    ['() => 1', /the result is a function/],
    ['Symbol("s")', /the result is a symbol/],
    ['({ toJSON() { throw new TypeError("not me") } })', /^TypeError: not me$/],
    ['({ get a() { throw new RangeError("nor me") } })', /^RangeError: nor me$/],
  ])('a value that cannot be JSON is an error: %s', async (source, message) => {
    const outcome = await engine.run(source);
    expect(outcome.reason).toBe('RuntimeError');
    expect(outcome).not.toHaveProperty('result');
    expect(outcome.error?.message).toMatch(message);
  });

  test('an outcome has times and usage', async () => {
    const before = Date.now();
    const { startTime, completionTime, usage, logs } = await engine.run('1');
    expect(startTime.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(completionTime.getTime()).toBeGreaterThanOrEqual(startTime.getTime());
    expect(usage).toEqual({
      cpuMilliseconds: expect.any(Number),
      wallMilliseconds: expect.any(Number),
      peakHeapBytes: expect.any(Number),
      apiCalls: 0,
    });
    expect(logs).toEqual([]);
  });
});

describe('no state is kept between executions', () => {
  test.each([
    ['globals', 'globalThis.leak = 1', 'typeof leak'],
    ['variables', 'var leak = 1', 'typeof leak'],
    ['prototypes', 'Object.prototype.leak = 1; 1', 'typeof {}.leak'],
    [
      'built-ins',
      'Array.prototype.map = undefined; JSON.stringify = undefined; 1',
      'typeof [].map === "function" ? "undefined" : "lost"',
    ],
    ['symbols of the registry', 'Symbol.for("x").leak = 1; 1', 'typeof Symbol.for("x").leak'],
    ['statics of regular expressions', '/(a)/.test("a"); 1', 'RegExp.$1 === "" ? "undefined" : RegExp.$1'],
  ])('%s', async (_, first, second) => {
    await engine.run(first);
    expect(await engine.result(second)).toBe('undefined');
  });
});

describe('what is no script is refused, with what one is', () => {
  test.each([[42], [null], [{}], [{ name: 'a.js' }], [{ source: 42 }]])('%j', async (script) => {
    await expect(engine.runtime.execute(script as never)).rejects.toThrow(/^the script must be a string, an object/);
    await expect(engine.runtime.compile(script as never)).rejects.toThrow(/^the script must be a string, an object/);
  });
});
