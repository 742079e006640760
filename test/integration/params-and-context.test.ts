import { describe, expect, test } from '@jest/globals';
import type { ContextInput, JsonValue } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

const FULL = {
  tenant: { id: 'acme', name: 'Acme Inc.' },
  user: { id: 'u-1', email: 'jo@acme.example', permissions: ['read', 'write'] },
  execution: { id: 'e-1', type: 'cron', triggeredBy: 'system' },
  requestID: 'r-1',
} as const satisfies ContextInput;

describe('params', () => {
  test('default to {}', async () => {
    expect(await engine.result('params')).toEqual({});
  });

  test.each<[JsonValue]>([
    [null],
    [0],
    [''],
    [false],
    ['text'],
    [[]],
    [[1, [2, null]]],
    [{ a: { b: [true] } }],
    [{ 'ä€😀': 'ä€😀\u2028' }],
    [JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": 3}')],
    [1e300],
    [{ '': 1, ' ': 2 }],
  ])('are passed unchanged: %j', async (params) => {
    expect(await engine.result('params', { params })).toEqual(params);
    expect(await engine.result('export default (given) => given', { params })).toEqual(params);
  });

  test("are the same object as the function's argument", async () => {
    expect(await engine.result('export default (given) => given === params')).toBe(true);
  });

  test('can be modified by the script, without effect outside', async () => {
    const params = { list: [1] };
    expect(await engine.result('params.list.push(2); params.more = 1; params', { params })).toEqual({
      list: [1, 2],
      more: 1,
    });
    expect(params).toEqual({ list: [1] });
    expect(await engine.result('params = 5; params')).toBe(5);
    expect(await engine.result('const params = 6; params')).toBe(6);
  });
});

describe('context', () => {
  test('has exactly the documented fields', async () => {
    const keys = (source: string): Promise<unknown> =>
      engine.result(`Reflect.ownKeys(${source}).sort()`, { context: FULL });
    expect(await keys('context')).toEqual(['execution', 'requestID', 'tenant', 'user']);
    expect(await keys('context.tenant')).toEqual(['id', 'name']);
    expect(await keys('context.user')).toEqual(['email', 'id', 'permissions']);
    expect(await keys('context.execution')).toEqual(['id', 'triggeredBy', 'type']);
    expect(await engine.result('context', { context: FULL })).toEqual(FULL);
  });

  test('omitted fields have defaults', async () => {
    expect(await engine.result('context')).toEqual({
      tenant: { id: 'default', name: 'default' },
      user: { id: '', email: '', permissions: [] },
      execution: { id: expect.any(String), type: 'embedded', triggeredBy: 'api' },
      requestID: expect.any(String),
    });
  });

  test('unknown fields are removed', async () => {
    const context = { ...FULL, secret: 1, tenant: { ...FULL.tenant, key: 2 } };
    expect(await engine.result('context', { context })).toEqual(FULL);
  });

  test("is the second argument of a module's function", async () => {
    expect(await engine.result('export default (_, given) => given === context')).toBe(true);
  });

  test('is separate for each execution', async () => {
    const results = await Promise.all(
      ['a', 'b', 'c', 'a'].map((id) =>
        engine.result('[context.tenant.id, context.user.id, context.requestID]', {
          context: { tenant: { id }, user: { id: `user-${id}` }, requestID: `r-${id}` },
        }),
      ),
    );
    expect(results).toEqual([
      ['a', 'user-a', 'r-a'],
      ['b', 'user-b', 'r-b'],
      ['c', 'user-c', 'r-c'],
      ['a', 'user-a', 'r-a'],
    ]);
  });
});

const WRITES: readonly [string, string][] = [
  ['replace it', 'context = {}'],
  ['replace it on the global object', 'globalThis.context = {}'],
  ['delete it', 'delete globalThis.context'],
  ['define it anew', 'Object.defineProperty(globalThis, "context", { value: {} })'],
  ['replace a part', 'context.tenant = { id: "evil" }'],
  ['add a part', 'context.admin = true'],
  ['delete a part', 'delete context.user'],
  ['change a value', 'context.tenant.id = "evil"'],
  ['change a nested value', 'context.user.permissions[0] = "admin"'],
  ['add to a list', 'context.user.permissions.push("admin")'],
  ['empty a list', 'context.user.permissions.length = 0'],
  ['sort a list', 'context.user.permissions.reverse()'],
  ['define a property', 'Object.defineProperty(context.user, "id", { value: "evil" })'],
  ['assign', 'Object.assign(context.user, { id: "evil" })'],
  ['change its prototype', 'Object.setPrototypeOf(context, { admin: true })'],
  ['change a part’s prototype', 'context.user.__proto__ = { admin: true }'],
  ['change the prototype of a list', 'Object.setPrototypeOf(context.user.permissions, null)'],
];

describe('context is immutable', () => {
  test.each(WRITES)('%s: a TypeError in strict code', async (_, write) => {
    const source = `'use strict'; let error; try { ${write} } catch (e) { error = e.constructor.name } [error, context]`;
    const strict = await engine.result(source.replace('delete globalThis.context', 'delete globalThis["context"]'), {
      context: FULL,
    });
    expect(strict).toEqual(['TypeError', FULL]);
  });

  test.each(WRITES)('%s: without effect in sloppy code', async (_, write) => {
    expect(await engine.result(`try { ${write} } catch { } context`, { context: FULL })).toEqual(FULL);
  });

  test('every part of it is frozen', async () => {
    const source = `
      const parts = [context, context.tenant, context.user, context.user.permissions, context.execution];
      parts.map(Object.isFrozen)`;
    expect(await engine.result(source, { context: FULL })).toEqual([true, true, true, true, true]);
  });

  test('polluted prototypes add no own properties to it, and do not outlive the script', async () => {
    const pollute = `Object.prototype.admin = true; Array.prototype.includes = () => true;
      [Object.hasOwn(context.user, 'admin'), Reflect.ownKeys(context.user).sort()]`;
    expect(await engine.result(pollute, { context: FULL })).toEqual([false, ['email', 'id', 'permissions']]);
    const next = `[context.user.admin, context.user.permissions.includes('admin')]`;
    expect(await engine.result(next, { context: FULL })).toEqual([null, false]);
  });

  test('its objects are immutable through other references', async () => {
    const source = `
      const { user } = context;
      const copy = structuredCopy(user);
      copy.id = 'evil';
      Reflect.set(user, 'id', 'evil');
      for (const key in user) try { user[key] = 'evil' } catch { }
      function structuredCopy(value) { return JSON.parse(JSON.stringify(value)) }
      [user, copy.id]`;
    expect(await engine.result(source, { context: FULL })).toEqual([FULL.user, 'evil']);
  });

  test('a variable of the same name shadows it', async () => {
    expect(
      await engine.result('const context = 1; [context, globalThis.context.tenant.id]', { context: FULL }),
    ).toEqual([1, 'acme']);
  });

  test("host functions see the host's context, not the script's", async () => {
    const seen: unknown[] = [];
    await engine.run('try { context.tenant.id = "evil" } catch { } await whoami({ tenant: "evil" })', {
      context: FULL,
      setup: (host) => host.expose('whoami', (call) => void seen.push(call.context)),
    });
    expect(seen).toEqual([FULL]);
  });
});
