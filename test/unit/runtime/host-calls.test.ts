import { describe, expect, test } from '@jest/globals';
import { type HostCall, HostError } from '../../../src/runtime/host-bridge.ts';
import { HostFunctions } from '../../../src/runtime/host-calls.ts';

const call = { tenantKey: 'a', signal: new AbortController().signal } as HostCall;
const nothing = (): undefined => undefined;

describe('names of host functions', () => {
  test.each(['f', '$', '_a', 'camelCase', 'a1', 'prices.lookup', 'a.b.c', 'Math.extra', 'contexts', 'a.context'])(
    '%s is one',
    (name) => {
      const host = new HostFunctions();
      host.expose(name, nothing);
      expect(host.names).toEqual([name]);
    },
  );

  test.each([
    '',
    '1a',
    'a-b',
    'a b',
    'a.',
    '.a',
    'a..b',
    'a.1',
    'ä',
    'a()',
    'a\n',
    'context',
    'context.user',
    'params',
    'console',
    'console.log',
    'globalThis',
    'undefined',
    'NaN',
    'Infinity',
  ])('%j is none', (name) => {
    expect(() => new HostFunctions().expose(name, nothing)).toThrow(TypeError);
  });

  test.each([
    ['a', 'a'],
    ['a.b', 'a.b'],
    ['a', 'a.b'],
    ['a.b', 'a'],
    ['a.b', 'a.b.c'],
  ])('%s and %s are in each other’s way', (one, other) => {
    const host = new HostFunctions();
    host.expose(one, nothing);
    expect(() => host.expose(other, nothing)).toThrow(/conflicts with/);
  });

  test.each([
    ['a', 'b'],
    ['a.b', 'a.c'],
    ['a', 'ab'],
    ['a.b', 'ab.c'],
  ])('%s and %s are not', (one, other) => {
    const host = new HostFunctions();
    host.expose(one, nothing);
    host.expose(other, nothing);
    expect(host.names).toEqual([one, other]);
  });
});

describe('a call', () => {
  const answer = async (fn: (...args: never[]) => unknown, args = '[]') => {
    const host = new HostFunctions();
    host.expose('f', fn as never);
    return host.call('f', args, call);
  };

  test('gets who calls, and the arguments', async () => {
    const host = new HostFunctions();
    let seen: unknown[] = [];
    host.expose('f', (...args) => {
      seen = args;
      return null;
    });
    await host.call('f', '[1,{"a":[null]},"x"]', call);
    expect(seen).toEqual([call, 1, { a: [null] }, 'x']);
    expect(seen[0]).toBe(call);
  });

  test.each<[string, () => unknown, string]>([
    ['a value', () => ({ a: 1 }), '{"a":1}'],
    ['a promise', async () => [1], '[1]'],
    ['null', () => null, 'null'],
    ['undefined', () => undefined, ''],
    ['nothing, later', async () => {}, ''],
    ['a date', () => new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['a function', () => nothing, ''],
    ['a symbol', () => Symbol('s'), ''],
  ])('gives JSON: %s', async (_, fn, value) => {
    expect(await answer(fn)).toEqual({ ok: true, value });
  });

  test.each<[string, () => unknown, string]>([
    [
      'the message of a HostError, for that is what it is for',
      () => {
        throw new HostError('no such price');
      },
      'no such price',
    ],
    ['also of one that comes later', () => Promise.reject(new HostError('later')), 'later'],
    [
      'nothing of any other error',
      () => {
        throw new Error('/etc/secret is missing');
      },
      "host function 'f' failed",
    ],
    ['nor of one that comes later', () => Promise.reject(new Error('secret')), "host function 'f' failed"],
    ['nor of what is no error', () => Promise.reject('secret'), "host function 'f' failed"],
    ['nor of a result that is no JSON', () => 1n, "host function 'f' failed"],
    [
      'nor of one with a cycle',
      () => {
        const cycle: Record<string, unknown> = {};
        cycle.self = cycle;
        return cycle;
      },
      "host function 'f' failed",
    ],
  ])('tells the script %s', async (_, fn, message) => {
    expect(await answer(fn)).toEqual({ ok: false, value: JSON.stringify({ message }) });
  });

  test.each<[string, HostError, object]>([
    [
      'code and data',
      new HostError('m', { code: 'Gone', data: { id: 1 } }),
      { message: 'm', code: 'Gone', data: { id: 1 } },
    ],
    ['a code alone', new HostError('m', { code: 'Gone' }), { message: 'm', code: 'Gone' }],
    [
      'nothing but the message where the data are too large',
      new HostError('m', { data: 'x'.repeat(2 ** 20) }),
      { message: 'm' },
    ],
    ['nothing but the message where the data are no JSON', new HostError('m', { data: 1n as never }), { message: 'm' }],
    [
      'nothing but the message where the data nest too deep',
      new HostError('m', { data: JSON.parse('['.repeat(200) + ']'.repeat(200)) }),
      { message: 'm' },
    ],
  ])('tells the script of a HostError: %s', async (_, error, told) => {
    expect(JSON.parse((await answer(() => Promise.reject(error))).value)).toEqual(told);
  });

  test('a result of more than a megabyte is refused', async () => {
    expect(await answer(() => 'x'.repeat(2 ** 20))).toMatchObject({
      ok: false,
      value: expect.stringMatching(/too large/),
    });
  });

  test.each([101, 20_000])('a result of %j levels is refused', async (levels) => {
    const result = JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect((await answer(() => result)).ok).toBe(false);
  });

  test('arguments nest 100 levels at most', async () => {
    const nested = (levels: number): string => '['.repeat(levels + 1) + ']'.repeat(levels + 1);
    expect(await answer(() => 1, nested(100))).toEqual({ ok: true, value: '1' });
    expect(await answer(() => 1, nested(101))).toMatchObject({ ok: false });
  });

  test('an error tells no more than a script could be told', async () => {
    const reply = await answer(() => {
      throw new HostError('x'.repeat(2 ** 21));
    });
    expect(JSON.parse(reply.value).message).toHaveLength(2 ** 16);
  });

  test.each(['{', '', 'null', '5', '{"length":1}'])('arguments that are no list harm nobody: %j', async (args) => {
    const reply = await answer((_call: unknown, ...rest: unknown[]) => rest.length, args);
    expect(reply.ok ? reply.value : '0').toBe('0');
  });

  test.each(['g', 'toString', '__proto__', 'constructor', ''])(
    'a function that nobody exposed is none: %j',
    async (name) => {
      expect(await new HostFunctions().call(name, '[]', call)).toMatchObject({ ok: false });
    },
  );
});

describe('an object of host functions', () => {
  const object = (members?: string[]): HostFunctions => {
    const host = new HostFunctions();
    host.exposeObject('tickets', members, (_call, member, ...args) => [member, ...args]);
    return host;
  };

  test('has its members, or whatever a script asks for', () => {
    expect(object(['a', 'b']).names).toEqual(['tickets.a', 'tickets.b']);
    expect(object().names).toEqual(['tickets.*']);
    expect([object().has('tickets'), object(['a']).has('tickets'), object().has('ticket')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('calls them by their names', async () => {
    expect(await object(['a']).call('tickets.a', '[1]', call)).toEqual({ ok: true, value: '["a",1]' });
    expect(await object().call('tickets.any', '[]', call)).toEqual({ ok: true, value: '["any"]' });
  });

  test.each(['tickets.b', 'tickets', 'tickets.', '.a', 'tickets.a.b c', 'other.a', 'tickets.__proto__'])(
    'has no other: %j',
    async (name) => {
      expect(await object(['a']).call(name, '[]', call)).toMatchObject({ ok: false });
    },
  );

  test('knows functions of its name', () => {
    const host = new HostFunctions();
    host.expose('prices.lookup', nothing);
    expect([host.has('prices'), host.has('price'), host.has('prices.lookup')]).toEqual([true, false, true]);
  });
});
