import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { ENDINGS } from '../security/scripts/endings.ts';
import { ESCAPES } from '../security/scripts/escapes.ts';
import { POLLUTION } from '../security/scripts/pollution.ts';
import type { ScriptCase } from '../security/scripts/script-case.ts';
import { expectEachRanOnce, manyExecutions } from './support/many-executions.ts';
import { useNamespace } from './support/namespace.ts';
import { type ExecutionSpec, reasonOf } from './support/objects.ts';

const hostile = useNamespace('hostile');
const elsewhere = useNamespace('neighbour');
let ended: Record<string, ScriptExecution>;
let neighbours: readonly ScriptExecution[];

const MEMORY: Readonly<Record<string, string>> = {
  arrays: 'const a = []; for (;;) a.push(new Array(1000).fill(1))',
  'arrays-while-it-is-ended':
    'const a = []; const b = () => { for (;;) a.push(new Array(1000).fill(1)) }; try { b() } catch { b() } finally { b() }',
  'one-array': 'Array(1e9).fill(0)',
  strings: 'const a = []; for (let i = 0; ; i++) a.push(("ab" + i).repeat(1e5).toUpperCase())',
  'one-rope': 'let s = "x".repeat(2 ** 29 - 24); s.charCodeAt(7)',
  bigints: 'const a = []; for (;;) a.push(1n << (1n << 25n))',
  buffers: 'const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(7))',
  'one-buffer': 'new Uint8Array(2 ** 31).fill(1)',
  closures: 'let f = () => 0; for (;;) { const g = f; const big = new Array(100).fill(0); f = () => g() + big.length }',
  microtasks: 'const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; f()',
  'a-thrown-string': 'throw "x".repeat(2 ** 29 - 24)',
  'a-logged-string': 'console.log("x".repeat(2 ** 29 - 24))',
};

const PROCESSOR: Readonly<Record<string, string>> = {
  'a-loop': 'for (;;);',
  'a-loop-in-a-finally': 'try { for (;;); } finally { for (;;); }',
  'a-loop-over-awaits': 'for (;;) await 0',
  'a-regular-expression': '/(a+)+$/.test("a".repeat(40) + "b")',
  'a-getter-of-its-error': 'throw Object.assign(new Error(), { get message() { for (;;); } })',
  'a-getter-of-its-result': '({ get a() { for (;;); } })',
  'its-stack-trace': 'Error.prepareStackTrace = () => { for (;;); }; throw new Error()',
  'a-reversal': 'Array.prototype.reverse.call({ length: 2 ** 53 - 1 })',
};

const TIME: Readonly<Record<string, string>> = {
  'a-promise': 'await new Promise(() => {})',
  'a-race': 'await Promise.race([new Promise(() => {}), new Promise(() => {})])',
  'a-log-flood': 'for (;;) console.log("x".repeat(8000))',
};

/** Scripts that call host functions are tested with the engine only. */
const isOnItsOwn = ({ source }: ScriptCase): boolean => typeof source === 'string' && !/\b(ask|fail)\b/.test(source);
const TRICKS = [...ESCAPES, ...POLLUTION, ...ENDINGS].filter(isOnItsOwn);

/** Stacks name a script after its object. */
const namedAfter = (name: string, result: unknown): unknown =>
  typeof result === 'string' ? result.replaceAll('script.js', `${name}.js`) : result;

const LIMITS = { memory: '32Mi', cpuTime: '300ms', timeout: '30s' };
const BRIEF = { ...LIMITS, cpuTime: '5s', timeout: '300ms' };
const attack = (source: string, limits = LIMITS): ExecutionSpec => ({
  source,
  limits,
  context: { tenant: { id: 'attacker' } },
});
const attacks = (prefix: string, sources: Readonly<Record<string, string>>, limits?: typeof LIMITS) =>
  Object.fromEntries(Object.entries(sources).map(([name, source]) => [`${prefix}-${name}`, attack(source, limits)]));

/** A neighbour's script: computes a result and checks the built-ins. */
const NEIGHBOUR = `
  export default ({ n }) => {
    const sum = Array.from({ length: 1000 }, (_, i) => i + n).reduce((a, b) => a + b, 0);
    const strange = [Object.prototype, Array.prototype, Function.prototype].flatMap((o) => Object.keys(o));
    return strange.length > 0 || JSON.stringify([1]) !== '[1]' ? 'tampered' : sum;
  };`;
const NEIGHBOURS = 60;
const neighbour = (n: number): ExecutionSpec => ({
  source: NEIGHBOUR,
  params: { n },
  context: { tenant: { id: 'neighbour' } },
});
const sumFor = (n: number): number => 499_500 + 1000 * n;

beforeAll(async () => {
  const runtime = { pool: { size: 3 }, limits: { memory: '32Mi', cpuTime: '5s', timeout: '30s' } };
  await Promise.all([hostile, elsewhere].map((each) => each.runtime(runtime)));
  const specs = {
    ...attacks('memory', MEMORY, { ...LIMITS, cpuTime: '5s' }),
    ...attacks('processor', PROCESSOR),
    ...attacks('time', TIME, BRIEF),
    ...manyExecutions('script', TRICKS.length, (index) =>
      attack(TRICKS[index]?.source as string, { ...LIMITS, cpuTime: '1s' }),
    ),
  };
  const beside = manyExecutions('beside', NEIGHBOURS, neighbour);
  await Promise.all([hostile.start(specs), hostile.start(beside), elsewhere.start(beside)]);
  ended = await hostile.ended(Object.keys(specs), { withinMs: 200_000 });
  const served = [hostile, elsewhere].map((each) => expectEachRanOnce(each, Object.keys(beside), sumFor));
  neighbours = (await Promise.all(served)).flat();
}, 300_000);

describe('a hostile script finishes with its classified error', () => {
  const names = (prefix: string, sources: object) => Object.keys(sources).map((name) => `${prefix}-${name}`);

  test.each(names('memory', MEMORY))('%s: MemoryExceeded', (name) => {
    expect(reasonOf(ended[name] as ScriptExecution)).toBe('MemoryExceeded');
  });

  test.each(names('processor', PROCESSOR))('%s: CPUTimeExceeded', (name) => {
    expect(reasonOf(ended[name] as ScriptExecution)).toBe('CPUTimeExceeded');
  });

  test.each(names('time', TIME))('%s: TimeoutExceeded', (name) => {
    expect(reasonOf(ended[name] as ScriptExecution)).toBe('TimeoutExceeded');
  });

  test.each(TRICKS.map((trick, index) => [trick.tries, `script-${index}`, trick] as const))(
    '%s',
    (_, name, { reason, result }) => {
      const { status } = ended[name] as ScriptExecution;
      expect(reasonOf({ status } as ScriptExecution)).toBe(reason);
      if (reason === 'Completed') expect(status.result).toEqual(namedAfter(name, result));
    },
  );

  test('reveals nothing about the machine it ran on', () => {
    const told = Object.values(ended).map(({ status: { result, error, logs } }) =>
      JSON.stringify([result, error, logs]),
    );
    for (const text of told) expect(text).not.toMatch(/node_modules|\/app\/|file:\/\/|isolated-vm|main\.cjs/);
  });
});

describe('during the attacks', () => {
  test('executions in the same and in another runtime all completed', () => {
    expect(neighbours.length).toBe(2 * NEIGHBOURS);
  });

  test('while attacks were running', () => {
    const times = Object.values(ended).map(({ status }) => Date.parse(status.completionTime ?? ''));
    const last = Math.max(...times);
    const during = neighbours.filter(({ status }) => Date.parse(status.completionTime ?? '') < last);
    expect(during.length).toBeGreaterThan(NEIGHBOURS);
  });

  test('no pod restarted', async () => {
    interface Status {
      readonly containerStatuses: readonly { readonly restartCount: number }[];
    }
    for (const namespace of [hostile, elsewhere]) {
      const pods = await namespace.list('pod');
      expect(pods.map(({ status }) => (status as Status).containerStatuses[0]?.restartCount)).toEqual([0]);
    }
  });
});
