import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createRuntime,
  type JsonValue,
  type Runtime,
  type RuntimeOptions,
  type ScriptSource,
} from '../../src/index.ts';

interface Start {
  readonly tenantKey: string;
  readonly pid: number;
  readonly isolateId: number;
}

/** A runtime that reports where its executions run. */
async function watchedRuntime(pool: RuntimeOptions['pool']): Promise<{ runtime: Runtime; starts: Start[] }> {
  const starts: Start[] = [];
  const runtime = createRuntime({
    pool: { spares: 0, ...pool },
    observer: { executionStarted: (start) => starts.push(start) },
  });
  await runtime.ready();
  return { runtime, starts };
}

async function resultOf(runtime: Runtime, source: string | ScriptSource, tenant = 'a'): Promise<JsonValue | undefined> {
  const outcome = await runtime.execute(source, {
    params: { list: [1] },
    context: { tenant: { id: tenant }, user: { permissions: ['read'] } },
    setup: (host) => host.expose('store.get', async (call, key) => `${call.tenantKey}:${key}`),
  });
  expect(outcome.error).toBeUndefined();
  return outcome.result;
}

describe('an execution leaves no state for the next in the same isolate', () => {
  let runtime: Runtime;
  let starts: Start[];
  beforeAll(async () => {
    ({ runtime, starts } = await watchedRuntime({ size: 1 }));
  });
  afterAll(() => runtime.close());

  test.each<[string, string, string, JsonValue]>([
    [
      'globals',
      'globalThis.leaked = 1; leaked2 = 2; var leaked3 = 3; 1',
      '[typeof leaked, typeof leaked2, typeof leaked3]',
      ['undefined', 'undefined', 'undefined'],
    ],
    [
      'prototypes',
      'Object.prototype.polluted = Array.prototype.polluted = Function.prototype.polluted = 1; 1',
      '["polluted" in {}, "polluted" in [], "polluted" in (() => {})]',
      [false, false, false],
    ],
    [
      'built-ins',
      'JSON.stringify = () => "x"; Math.max = () => -1; delete globalThis.Map; Promise.prototype.then = null; 1',
      '[Math.max(1), typeof Map, typeof Promise.prototype.then]',
      [1, 'function', 'function'],
    ],
    [
      'symbols of the registry',
      'globalThis[Symbol.for("leak")] = Array[Symbol.for("leak")] = 1; 1',
      '[Symbol.for("leak") in globalThis, Symbol.for("leak") in Array]',
      [false, false],
    ],
    [
      'statics of RegExp',
      '/(s)ecret/.exec("secret"); 1',
      '[RegExp.$1, RegExp.lastMatch, RegExp["$`"], RegExp.input]',
      ['', '', '', ''],
    ],
    [
      'the last index of a literal',
      'export default () => { globalThis.r = /a/g; return r.exec("aa").index }',
      'export default () => /a/g.lastIndex',
      0,
    ],
    [
      'template objects',
      'const tag = (strings) => { strings.raw.leak = 1; return strings }; export default () => { try { tag`x`.leaked = 1 } catch {} return 1 }',
      'const tag = (strings) => Object.keys(strings).join(); export default () => tag`x`',
      '0',
    ],
    [
      'console',
      'console.leaked = console.log; console.log = () => {}; console.count("x"); 1',
      'console.log("heard"); [typeof console.leaked]',
      ['undefined'],
    ],
    ['params', 'params.list.push(2); params.leaked = 1; 1', 'params', { list: [1] }],
    ['host functions', 'globalThis.kept = store.get; 1', '[typeof kept, await store.get("k")]', ['undefined', 'a:k']],
    [
      'stack traces',
      'Error.prepareStackTrace = () => "mine"; Error.stackTraceLimit = 0; 1',
      '[new Error("m").stack, Error.stackTraceLimit]',
      ['Error: m\n    at script.js:1:2', 10],
    ],
    ['dates', 'Date.now = () => 0; globalThis.Date = null; 1', 'Date.now() > 0', true],
  ])('%s', async (_, first, second, expected) => {
    await resultOf(runtime, first);
    expect(await resultOf(runtime, second)).toEqual(expected);
    const [one, two] = starts.slice(-2) as [Start, Start];
    expect([two.pid, two.isolateId]).toEqual([one.pid, one.isolateId]);
  });

  test('variables of the same source, compiled once', async () => {
    const source =
      'let n = globalThis.n ?? 0; var m = (m ?? 0) + 1; globalThis.n = ++n; const f = () => {}; f.calls = (f.calls ?? 0) + 1; [n, m, f.calls]';
    for (let i = 0; i < 5; i++) expect(await resultOf(runtime, source)).toEqual([1, 1, 1]);
  });

  test('the sequence of random numbers', async () => {
    const source = 'Array.from({ length: 4 }, Math.random)';
    const sequences = [];
    for (let i = 0; i < 5; i++) sequences.push(JSON.stringify(await resultOf(runtime, source)));
    expect(new Set(sequences).size).toBe(5);
  });

  test.each([
    ['a promise that is pending', 'new Promise(() => {}); 1'],
    ['a call of the host that is under way', 'store.get("k"); 1'],
    ['a loop over calls of the host', '(async () => { for (;;) await store.get("k") })(); 1'],
    ['a continuation that throws', 'Promise.resolve().then(() => { throw new Error("late") }).catch(() => {}); 1'],
  ])('%s', async (_, source) => {
    for (let i = 0; i < 3; i++) expect(await resultOf(runtime, source)).toBe(1);
    const outcome = await runtime.execute('let n = 0; for (let i = 0; i < 100; i++) { await 0; n++ } n');
    expect(outcome).toMatchObject({ reason: 'Completed', result: 100, logs: [], usage: { apiCalls: 0 } });
  });
});

describe('context', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    ({ runtime } = await watchedRuntime({ size: 1 }));
  });
  afterAll(() => runtime.close());

  const attempt = (change: string): string =>
    `const before = JSON.stringify(context); for (const strict of [false, true]) try { (0, eval)((strict ? '"use strict";' : '') + ${JSON.stringify(change)}) } catch {} [JSON.stringify(context) === before, context.user.permissions.includes('admin'), context.tenant.id]`;
  test.each([
    ['a direct property', 'context.requestID = "x"'],
    ['a nested property', 'context.tenant.id = "b"'],
    ['an element', 'context.user.permissions[0] = "admin"'],
    ['a new element', 'context.user.permissions.push("admin")'],
    ['the length of a list', 'context.user.permissions.length = 0'],
    ['a new property', 'context.user.admin = true'],
    ['a property that is deleted', 'delete context.tenant.id'],
    ['a property that is defined', 'Object.defineProperty(context.tenant, "id", { value: "b" })'],
    ['a prototype', 'Object.setPrototypeOf(context.user, { admin: true })'],
    ['a prototype by __proto__', 'context.user.__proto__ = { id: "b" }'],
    ['a prototype of all', 'Object.prototype.id = "b"; Object.prototype.requestID = "x"'],
    ['the global', 'globalThis.context = { tenant: { id: "b" } }'],
    ['the global, defined', 'Object.defineProperty(globalThis, "context", { value: { tenant: { id: "b" } } })'],
    ['the global, deleted', 'delete globalThis.context'],
    ['the global, declared', 'var context = { tenant: { id: "b" } }'],
    ['what assigns', 'Object.assign(context.tenant, { id: "b" })'],
    ['what sets', 'Reflect.set(context.tenant, "id", "b")'],
  ])('cannot be changed through %s', async (_, change) => {
    expect(await resultOf(runtime, attempt(change))).toEqual([true, false, 'a']);
  });

  test("is the host's for host calls, whatever the script changes", async () => {
    const source =
      'export default async (params, context) => { globalThis.tenantKey = "b"; return [context === globalThis.context, Object.isFrozen(context.user.permissions), await store.get("k")] }';
    expect(await resultOf(runtime, source)).toEqual([true, true, 'a:k']);
  });
});

describe('tenants', () => {
  const TENANTS = ['a', 'b', 'c', 'd', 'e'];
  const MARK =
    'const seen = globalThis.mark ?? Object.prototype.mark ?? Symbol.for("mark").mark ?? null; globalThis.mark = Object.prototype.mark = context.tenant.id; [seen, context.tenant.id]';

  test.each(['Process', 'Isolate'] as const)('under %s are isolated', async (tenantIsolation) => {
    const { runtime, starts } = await watchedRuntime({ size: 2, tenantIsolation });
    const turns = Array.from({ length: 40 }, (_, i) => TENANTS[(i * 7 + (i >> 2)) % TENANTS.length] as string);
    const results = await Promise.all(turns.map((tenant) => resultOf(runtime, MARK, tenant)));
    expect(results).toEqual(turns.map((tenant) => [null, tenant]));

    const owners = new Map<string, string>();
    for (const { pid, isolateId, tenantKey } of starts) {
      const place = tenantIsolation === 'Process' ? `${pid}` : `${pid}/${isolateId}`;
      expect(owners.get(place) ?? tenantKey).toBe(tenantKey);
      owners.set(place, tenantKey);
    }
    expect(starts).toHaveLength(turns.length);
    expect(new Set(starts.map(({ tenantKey }) => tenantKey)).size).toBe(TENANTS.length);
    await runtime.close();
  });

  test("are identified by the key, not by the author's claim", async () => {
    const { runtime, starts } = await watchedRuntime({ size: 1 });
    for (const tenantKey of ['x', 'y']) await runtime.execute('1', { tenantKey, context: { tenant: { id: 'same' } } });
    const [one, two] = starts as [Start, Start];
    expect(two.pid).not.toBe(one.pid);
    await runtime.close();
  });

  test('share what a process without scripts has compiled, and no state of it', async () => {
    const { runtime } = await watchedRuntime({ size: 1, tenantIsolation: 'Isolate' });
    const source = '"the same source"';
    // The first compiles it for itself.
    await resultOf(runtime, source, 'a');
    expect(runtime.metrics().compilation).toMatchObject({ hits: 0, misses: 1, size: 0 });
    await resultOf(runtime, source, 'b');
    await resultOf(runtime, source, 'c');
    expect(runtime.metrics().compilation).toMatchObject({ hits: 1, misses: 2, size: 1 });
    await runtime.close();
  });

  test('share a program compiled by the host, but no state of it', async () => {
    const { runtime } = await watchedRuntime({ size: 1, tenantIsolation: 'Isolate' });
    const program = await runtime.compile('shared.js', MARK);
    for (const tenant of ['a', 'b', 'a', 'c']) {
      const { result } = await runtime.execute(program, { context: { tenant: { id: tenant } } });
      expect(result).toEqual([null, tenant]);
    }
    await runtime.close();
  });
});
