import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type HostBridge, type HostCall, HostError, type HostFunction, type JsonValue } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests({ pool: { size: 2 } });

/** Options that expose these functions. */
const exposing =
  (functions: Record<string, HostFunction>) =>
  (host: HostBridge): void => {
    for (const [name, fn] of Object.entries(functions)) host.expose(name, fn);
  };

const echo: HostFunction = (_call, ...args) => args;

describe('a host function', () => {
  test('is a global that returns a promise', async () => {
    const source = 'const p = echo(1); [typeof echo, p instanceof Promise, await p]';
    expect(await engine.result(source, { setup: exposing({ echo }) })).toEqual(['function', true, [1]]);
  });

  test('is available in modules, before they export anything', async () => {
    const source = 'const early = await echo(1); export default async () => [early, await echo(2)]';
    expect(await engine.result(source, { setup: exposing({ echo }) })).toEqual([[1], [2]]);
  });

  test('with dots in its name is a member of frozen objects', async () => {
    const setup = exposing({ 'prices.lookup': echo, 'prices.list.all': echo, other: echo });
    const source = `
      prices.lookup = null; prices.list.evil = 1;
      [await prices.lookup('a'), await prices.list.all('b'), await other('c'),
       Object.isFrozen(prices), Object.isFrozen(prices.list), Object.isFrozen(prices.lookup), Object.keys(prices)]`;
    expect(await engine.result(source, { setup })).toEqual([['a'], ['b'], ['c'], true, true, true, ['lookup', 'list']]);
  });

  test('can extend a built-in object', async () => {
    expect(await engine.result('await Math.extra(1)', { setup: exposing({ 'Math.extra': echo }) })).toEqual([1]);
  });

  test('exists in its own execution only', async () => {
    await engine.run('await echo()', { setup: exposing({ echo }) });
    expect(await engine.result('typeof echo')).toBe('undefined');
  });

  test.each<[string, JsonValue]>([
    ['', []],
    ['1, "a", null, true', [1, 'a', null, true]],
    ['{ a: [1, { b: 2 }] }', [{ a: [1, { b: 2 }] }]],
    ['undefined, () => 1, Symbol("s")', [null, null, null]],
    ['new Date(0)', ['1970-01-01T00:00:00.000Z']],
    ['NaN, -0', [null, 0]],
    ['"ä€😀"', ['ä€😀']],
    ['{ toJSON: () => "made" }', ['made']],
  ])('receives the JSON of its arguments: (%s)', async (args, seen) => {
    expect(await engine.result(`await echo(${args})`, { setup: exposing({ echo }) })).toEqual(seen);
  });

  test.each<[string, HostFunction, JsonValue]>([
    ['a value', () => 5, ['number', 5]],
    ['a promise', async () => 'later', ['string', 'later']],
    ['null', () => null, ['object', null]],
    ['undefined', () => undefined, ['undefined', null]],
    ['an object', () => ({ a: { b: [1] } }), ['object', { a: { b: [1] } }]],
    ['text with everything in it', () => 'ä€😀"\\\u2028\0', ['string', 'ä€😀"\\\u2028\0']],
  ])('returns the JSON of its result: %s', async (_, fn, result) => {
    const source = 'const value = await f(); [typeof value, value]';
    expect(await engine.result(source, { setup: exposing({ f: fn }) })).toEqual(result);
  });

  test('returns objects with the script’s own prototypes', async () => {
    const source =
      'const value = await f(); [value instanceof Object, value.list instanceof Array, Object.isFrozen(value)]';
    expect(await engine.result(source, { setup: exposing({ f: () => ({ list: [] }) }) })).toEqual([true, true, false]);
  });

  test.each<[string, string, RegExp]>([
    ['a BigInt', '1n', /BigInt/],
    ['a cycle', '(() => { const a = {}; a.a = a; return a })()', /circular/],
    ['a getter that throws', '{ get a() { throw new Error("mine") } }', /mine/],
  ])('is not called with arguments that cannot be JSON: %s', async (_, argument, message) => {
    let called = 0;
    const outcome = await engine.run(`await f(${argument})`, { setup: exposing({ f: () => ++called }) });
    expect(outcome.error?.message).toMatch(message);
    expect(called).toBe(0);
  });
});

describe('an error of a host function', () => {
  const fail =
    (error: unknown): HostFunction =>
    () => {
      throw error;
    };

  test('is a plain Error in the script, with the message of a HostError', async () => {
    const source = 'try { await f() } catch (e) { [e.message, e.constructor === Error, e.name, Object.keys(e)] }';
    expect(await engine.result(source, { setup: exposing({ f: fail(new HostError('no such price')) }) })).toEqual([
      'no such price',
      true,
      'Error',
      [],
    ]);
  });

  test.each<[string, unknown]>([
    ['an Error', new Error('/etc/secret')],
    ['text', '/etc/secret'],
    ['a rejected promise', Promise.reject(new Error('/etc/secret')).catch((e) => e)],
    ['nothing', undefined],
  ])('reveals nothing else: %s', async (_, error) => {
    const source = 'try { await f() } catch (e) { [e.message, e.stack.includes("secret")] }';
    expect(await engine.result(source, { setup: exposing({ f: fail(error) }) })).toEqual([
      "host function 'f' failed",
      false,
    ]);
  });

  test('ends the script if it is not caught', async () => {
    const outcome = await engine.run('await f()', { setup: exposing({ f: fail(new HostError('no such price')) }) });
    expect(outcome).toMatchObject({ reason: 'RuntimeError', error: { message: 'Error: no such price' } });
  });
});

describe('concurrent calls', () => {
  test("settle in the order of the host's answers", async () => {
    const wait: HostFunction = async (_call, ms) => {
      await sleep(Number(ms));
      return ms ?? null;
    };
    const source = `
      const order = [];
      await Promise.all([60, 1, 30].map(async (ms) => order.push(await wait(ms))));
      order`;
    expect(await engine.result(source, { setup: exposing({ wait }) })).toEqual([1, 30, 60]);
  });

  test("arrive in the order of the script's calls", async () => {
    const seen: unknown[] = [];
    const f: HostFunction = (_call, n) => void seen.push(n);
    await engine.run('await Promise.all(Array.from({ length: 50 }, (_, i) => f(i)))', { setup: exposing({ f }) });
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test('each answer settles its own call', async () => {
    const f: HostFunction = async (_call, n) => {
      await sleep(Math.random() * 10);
      return Number(n) * 2;
    };
    const source = 'await Promise.all(Array.from({ length: 50 }, (_, i) => f(i)))';
    expect(await engine.result(source, { setup: exposing({ f }) })).toEqual(
      Array.from({ length: 50 }, (_, i) => i * 2),
    );
  });

  test('a call can use the answer of another', async () => {
    const f: HostFunction = (_call, n) => Number(n) + 1;
    expect(await engine.result('await f(await f(await f(0)))', { setup: exposing({ f }) })).toBe(3);
    expect(await engine.result('f(0).then(f).then(f)', { setup: exposing({ f }) })).toBe(3);
  });
});

describe("the host's view of a call", () => {
  test("the caller's identity comes from the host", async () => {
    let seen: HostCall | undefined;
    await engine.run('await f({ tenantKey: "evil" })', {
      context: { tenant: { id: 'acme' }, requestID: 'r-1' },
      tenantKey: 'namespace/acme',
      setup: (host) =>
        host.expose('f', (call) => {
          seen = call;
          return null;
        }),
    });
    expect(seen).toMatchObject({ tenantKey: 'namespace/acme', context: { tenant: { id: 'acme' }, requestID: 'r-1' } });
  });

  test('its signal is aborted when the execution finishes, and not before', async () => {
    let signal: AbortSignal | undefined;
    let during: boolean | undefined;
    const f: HostFunction = async (call) => {
      signal = call.signal;
      await sleep(5);
      during = call.signal.aborted;
      return null;
    };
    await engine.run('await f()', { setup: exposing({ f }) });
    expect(during).toBe(false);
    expect(signal?.aborted).toBe(true);
  });

  test('its signal is aborted if the script does not await the answer', async () => {
    const ended = Promise.withResolvers<string>();
    const f: HostFunction = (call) =>
      new Promise(() => call.signal.addEventListener('abort', () => ended.resolve('aborted')));
    const outcome = await engine.run('f(); 1', { setup: exposing({ f }) });
    expect(outcome).toMatchObject({ reason: 'Completed', result: 1 });
    expect(await ended.promise).toBe('aborted');
  });

  test.each([
    ['is cancelled', {}, 'Cancelled'],
    ['times out', { limits: { timeoutMs: 500 } }, 'TimeoutExceeded'],
  ])('its signal is aborted if the execution %s', async (_, options, reason) => {
    const ended = Promise.withResolvers<void>();
    const cancel = new AbortController();
    const f: HostFunction = (call) => {
      call.signal.addEventListener('abort', () => ended.resolve());
      if (reason === 'Cancelled') cancel.abort();
      return new Promise(() => {});
    };
    const outcome = await engine.run('await f()', { setup: exposing({ f }), signal: cancel.signal, ...options });
    expect(outcome.reason).toBe(reason);
    await ended.promise;
  });

  test('an answer after the end of the execution is ignored', async () => {
    const late = Promise.withResolvers<number>();
    const outcome = await engine.run('f().then((value) => { globalThis.late = value }); 1', {
      setup: exposing({ f: () => late.promise }),
    });
    expect(outcome.reason).toBe('Completed');
    late.resolve(5);
    expect(await engine.result('typeof late')).toBe('undefined');
  });
});

describe('apiCalls', () => {
  test('counts the calls that reach the host', async () => {
    const outcome = await engine.run('await f(); await f(); try { await f(1n) } catch { }', {
      setup: exposing({ f: echo }),
    });
    expect(outcome.usage.apiCalls).toBe(2);
  });

  test('calls up to the limit are made, and one more ends the execution', async () => {
    const f = echo;
    const source = 'for (let i = 0; i < params; i++) await f(i); "done"';
    const options = { setup: exposing({ f }), limits: { apiCalls: 3 } };
    expect(await engine.run(source, { ...options, params: 3 })).toMatchObject({
      result: 'done',
      usage: { apiCalls: 3 },
    });
    expect(await engine.run(source, { ...options, params: 4 })).toMatchObject({
      reason: 'APICallsExceeded',
      error: { type: 'ResourceError', retryable: false },
      usage: { apiCalls: 3 },
    });
  });

  test('a limit of 0 allows no calls', async () => {
    const options = { setup: exposing({ f: echo }), limits: { apiCalls: 0 } };
    expect(await engine.run('1', options)).toMatchObject({ result: 1 });
    expect(await engine.run('await f()', options)).toMatchObject({ reason: 'APICallsExceeded' });
  });
});

describe('mistakes of the embedding program throw', () => {
  test('an invalid or duplicate name', async () => {
    await expect(engine.run('1', { setup: (host) => host.expose('a-b', echo) })).rejects.toThrow(TypeError);
    await expect(
      engine.run('1', {
        setup: (host) => {
          host.expose('a', echo);
          host.expose('a.b', echo);
        },
      }),
    ).rejects.toThrow(/conflicts with/);
    expect(await engine.result('1')).toBe(1);
  });
});
