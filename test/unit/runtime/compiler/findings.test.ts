import { describe, expect, test } from '@jest/globals';
import { findings, parseSource } from '../../../../src/runtime/compiler/instrument.ts';

/** V8 as the judge: a module of which one evaluation is over at once has no `await` at its top. */
async function waits(source: string): Promise<boolean> {
  const { SourceTextModule } = await import('node:vm');
  const module = new SourceTextModule(source);
  await module.link(() => {
    throw new Error('no import is expected');
  });
  return module.hasTopLevelAwait();
}

const AT_THE_TOP: readonly string[] = [
  'await 1',
  'export const a = await 1',
  'export default await 1',
  'if (true) { await 1 }',
  'try { throw 1 } catch { await 1 } finally { await 2 }',
  'label: { await 1 }',
  'for await (const each of []) each',
  'for (const each of await []) each',
  'await using a = null',
  'for (await using a of []) a',
  'for (await using a = null; false; ) a',
  'await import("data:text/javascript,1")',
  'const { a = await 1 } = {}',
  'const [a = await 1] = []',
  `\`\${await 1}\``,
  `String.raw\`\${await 1}\``,
  'export const a = (b) => b; a(await 1)',
  'class A extends (await Object) {}',
  'class A { [await "a"] = 1 }',
  'class A { static [await "a"] = 1 }',
  'class A { [await "a"]() {} }',
  'class A { get [await "a"]() { return 1 } }',
  'class A { async *[await "a"]() {} }',
  '({ [await "a"]() {} })',
  '({ get [await "a"]() { return 1 } })',
  '({ async [await "a"]() {} })',
  '({ [await "a"]: 1 })',
  '(() => {})(await 1)',
  '/await/.test(await "a")',
];

const ELSEWHERE: readonly string[] = [
  'export default 1',
  'export default async (a) => Response.json(await a.json())',
  'export default { async fetch(a) { return await a } }',
  'export default { fetch: async (a) => { for await (const each of a) each } }',
  'async function f() { await using a = null }',
  'async function* f() { yield await 1 }',
  'export const f = async () => await 1',
  'export const f = async () => ({ [await "a"]: 1 })',
  'export const f = async () => class { [await "a"] = 1 }',
  'class A { async a() { await 1 } }',
  'class A { a = async () => await 1 }',
  'class A { #a = async () => await 1 }',
  'class A { static a = async () => await 1 }',
  'class A { static { const f = async () => await 1 } }',
  'class A { [(async () => await 1).name] = 1 }',
  '({ async [(async () => await 1).name]() { await 2 } })',
  'const f = (a = async () => await 1) => a',
  '// await 1',
  '/* await 1 */',
  '"await 1"',
  "'await 1'",
  '`await 1`',
  '/await 1/',
  'const a = { await: 1 }; a.await',
  'class A { await() {} }',
  'export const a = import("data:text/javascript,1")',
];

describe('whether a module calls something when it is evaluated', () => {
  test.each([
    ['const a = load()', true],
    ['const a = b?.()', true],
    ['const a = new A()', true],
    ['const a = b`c`', true],
    ['export const a = import("b")', true],
    ['class A { static a = load() }', true],
    ['class A { static { load() } }', true],
    ['class A { [load()] = 1 }', true],
    ['({ [load()]() {} })', true],
    ['export default async (a) => Response.json(await a.json())', false],
    ['export default { async fetch(a) { return await load(a) } }', false],
    ['class A { a = load(); #b = load(); c() { load() } }', false],
    ['const a = (b = load()) => b; export const { c } = a', false],
  ])('%s: %s', (source, expected) => {
    expect(findings(parseSource(source, 'module')).calls).toBe(expected);
  });
});

describe('whether a module waits at its top', () => {
  test.each([
    ...AT_THE_TOP.map((source) => [source, true] as const),
    ...ELSEWHERE.map((source) => [source, false] as const),
  ])('%s: %s, as V8 says', async (source, expected) => {
    expect(findings(parseSource(source, 'module')).awaits).toBe(expected);
    expect(await waits(source)).toBe(expected);
  });
});
