import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, type ExecutionSpec, execution } from './support/objects.ts';

const namespace = useNamespace('results');
let ended: Record<string, ScriptExecution>;

/** Scripts and the JSON in the object's status. */
const RESULTS: readonly [string, ExecutionSpec, unknown][] = [
  ['null', { source: 'null' }, null],
  ['true', { source: 'true' }, true],
  ['false', { source: 'export default false' }, false],
  ['zero', { source: '0' }, 0],
  ['an integer', { source: '6 * 7' }, 42],
  ['a fraction', { source: '0.1 + 0.2' }, 0.1 + 0.2],
  ['the largest safe integer', { source: 'Number.MAX_SAFE_INTEGER' }, Number.MAX_SAFE_INTEGER],
  ['the smallest one', { source: 'Number.MIN_SAFE_INTEGER' }, Number.MIN_SAFE_INTEGER],
  ['a very large number', { source: '1.7976931348623157e308' }, Number.MAX_VALUE],
  ['a very small number', { source: '5e-324' }, 5e-324],
  ['NaN', { source: 'NaN' }, null],
  ['an empty string', { source: '""' }, ''],
  ['unicode', { source: '"Ruderfußkrebs 🦐 copépode 橈足類 \\u2028"' }, 'Ruderfußkrebs 🦐 copépode 橈足類 \u2028'],
  ['quotes and lines', { source: String.raw`'"\\\n\t'` }, '"\\\n\t'],
  ['an empty object', { source: '({})' }, {}],
  ['an empty array', { source: '[]' }, []],
  ['nulls in an object', { source: '({ a: null, b: { c: null } })' }, { a: null, b: { c: null } }],
  ['nulls in an array', { source: '[null, [null], undefined]' }, [null, [null], null]],
  ['unusual keys', { source: '({ "": 1, "a.b": 2, "x/y": 3, "🦐": 4 })' }, { '': 1, 'a.b': 2, 'x/y': 3, '🦐': 4 }],
  ['a date', { source: 'new Date(0)' }, '1970-01-01T00:00:00.000Z'],
  ['twenty levels', { source: 'let o = 1; for (let i = 0; i < 20; i++) o = [{ o }]; o' }, nested(20)],
  ['nearly 32 KiB', { source: '"x".repeat(32 * 1024 - 2)' }, 'x'.repeat(32 * 1024 - 2)],
  ['a promise', { source: 'export default Promise.resolve([1])' }, [1]],
  ['a top-level await', { source: 'const n = await Promise.resolve(20); n + 1' }, 21],
  ['a function of params', { source: 'export default ({ a, b }) => a + b', params: { a: 1, b: 2 } }, 3],
  [
    'an async function',
    { source: 'export default async (p) => [p.a, await p.b]', params: { a: 1, b: null } },
    [1, null],
  ],
  ['omitted params', { source: 'params' }, {}],
  ['params that are a list', { source: 'params', params: [1, null, 'a'] }, [1, null, 'a']],
  [
    'TypeScript',
    {
      language: 'TypeScript',
      source:
        'interface Item { readonly price: number }\nexport default (p: { items: Item[] }): number => p.items[0]!.price;',
      params: { items: [{ price: 7 }] },
    },
    7,
  ],
];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [{ o: value }];
  return value;
}

const nameOf = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

const CONTEXT = {
  tenant: { id: 'acme', name: 'Acme' },
  user: { id: 'u-1', email: 'ada@acme.example', permissions: ['read', 'write'] },
  execution: { type: 'http', triggeredBy: 'api' },
  requestID: 'r-1',
} satisfies ExecutionSpec['context'];

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 4 } });
  ended = await namespace.run({
    ...Object.fromEntries(RESULTS.map(([title, spec]) => [nameOf(title), spec])),
    'undefined-is-none': { source: 'undefined' },
    'a-function-that-returns-nothing': { source: 'export default () => {}' },
    'context-given': { source: 'context', context: CONTEXT },
    'context-left-out': { source: 'context' },
    'context-is-frozen': { source: '"use strict"; context.user.permissions.push("admin")' },
  });
});

describe('the status contains what a script returns', () => {
  test.each(RESULTS)('%s', (title, _spec, expected) => {
    const { status } = ended[nameOf(title)] as ScriptExecution;
    expect(status.error).toBeUndefined();
    expect(status).toHaveProperty('result', expected);
    expect(conditionOf({ status }, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Completed' });
    expect(status).toMatchObject({ run: 1, attempts: 1, observedGeneration: 1 });
  });

  test.each(['undefined-is-none', 'a-function-that-returns-nothing'])('%s', (name) => {
    const { status } = ended[name] as ScriptExecution;
    expect(conditionOf({ status }, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Completed' });
    expect(status).not.toHaveProperty('result');
  });

  // kubectl removes a null before it sends an object, unless the apply is server-side.
  test('params that are null', async () => {
    await namespace.apply([execution('params-null', { source: '[params]', params: null })], {
      args: ['--server-side'],
    });
    expect((await namespace.ended(['params-null']))['params-null'].status.result).toEqual([null]);
  });
});

describe('the context', () => {
  test("is that of the manifest; the execution id is the object's uid", () => {
    const { metadata, status } = ended['context-given'] as ScriptExecution;
    expect(status.result).toEqual({ ...CONTEXT, execution: { id: metadata.uid, ...CONTEXT.execution } });
  });

  test('has defaults for omitted fields', () => {
    const { metadata, status } = ended['context-left-out'] as ScriptExecution;
    expect(status.result).toEqual({
      tenant: { id: namespace.name, name: namespace.name },
      user: { id: '', email: '', permissions: [] },
      execution: { id: metadata.uid, type: 'one_off', triggeredBy: 'user' },
      requestID: expect.stringMatching(/./),
    });
  });

  test('is immutable', () => {
    expect((ended['context-is-frozen'] as ScriptExecution).status.error).toMatchObject({
      type: 'RuntimeError',
      message: expect.stringContaining('not extensible'),
    });
  });
});
