import { describe, expect, test } from '@jest/globals';
import { lineStarts } from '../../../../src/runtime/sandbox/edits.ts';
import { SourceError } from '../../../../src/runtime/sandbox/syntax-error.ts';
import { transform } from '../../../../src/runtime/sandbox/transform.ts';
import { compiled, defaultExport, goalOf, runTransformed } from './run-transformed.ts';

const resultOf = async (source: string, name?: string): Promise<unknown> => (await runTransformed(source, name)).value;

describe("a module's default export", () => {
  test.each([
    'export default 1',
    'export default 1;',
    'export default (1)',
    'export default ((1, 2))',
    'export default {}',
    'export default ({ a: 1 })',
    'export default [1, 2]',
    'export default "text"',
    'export default `template`',
    'export default null',
    'export default undefined',
    'export default /re/.source',
    'export default -1',
    'export default 1 + 2',
    'export default 1 ? 2 : 3',
    'export default (1 + 2) * 3',
    'export default /* a */ ( /* b */ 1 /* c */ ) /* d */ ;',
    'export /* a */ default /* b */ 1',
    'export\ndefault\n1',
    'export default\n  {\n    a: 1,\n  }',
    'const a = 1; export default a',
    'const a = 1\nexport default a',
    'export default a; var a = 1',
    'let a = 1; export { a as default }; a = 2',
    'let a = 1; export { a as "default" }',
    'const a = 1, b = 2; export { a, b as default }',
    'export const a = 1; export default a + 1',
    'export let a = 1, b = 2; export default a + b',
    'export function f() { return 1 } export default f()',
    'export async function f() { return 1 } export default await f()',
    'export class A { static a = 1 } export default A.a',
    'export function* g() { yield 1 } export default [...g()]',
    'export const { a, b: [c] } = { a: 1, b: [2] }; export default a + c',
    'export default await 1',
    'export default (await 1)',
    'export default (await Promise.resolve([1]))[0]',
    'let x = 0; for await (const a of [1, 2]) x += a; export default x',
    'export default typeof this',
    'export default typeof arguments',
    'export default import.meta === undefined',
    'export default typeof import.meta',
    'export default [1, 2]\n[0]',
    'const f = [[1]]\nexport { f }\n;[f[0]] = [[2]]\nexport default f[0][0]',
    'const f = (x) => x\nexport { f }\n(1)\nexport default f.name',
    'const f = 1\nexport {}\n[1].map(() => 2)\nexport default f',
    'const f = 1\nexport { }; export default f',
    'if (true) { } export default 1',
    'do { } while (false) export default 1',
    'export default 1\n// the end',
    'export default 1 // the end',
    'export default 1 /* the end */',
    '#!/usr/bin/env node\nexport default 1',
    "'use strict'; export default 1",
    "'text'\nexport default 1",
    'export {}',
    '1; export {}',
    'export default 1\r\nexport const a = 2\r\n',
    'const v$ = 1, n$ = 2, c$ = 3; export default v$ + n$ + c$',
    'const html = "<!-- x -->"; export default html',
    'export default "export default 2"',
  ])('%j', async (source) => {
    const expected = source.includes('arguments') ? 'object' : await defaultExport(source);
    expect(await resultOf(source)).toEqual(expected);
  });

  test.each([
    ['a function', 'export default function (params) { return params.a }', 1],
    ['a named function', 'export default function f(params) { return params.a }', 1],
    [
      'a function used before',
      'var early = f({ a: 2 }); export default function f(p) { return p.a + (early ?? 0) }',
      3,
    ],
    ['an async function', 'export default async function (params) { return await params.a }', 1],
    ['an arrow function', 'export default ({ a }) => a', 1],
    ['an arrow function without parentheses', 'export default p => p.a', 1],
    ['an async arrow function', 'export default async ({ a }) => a', 1],
    ['a function in parentheses', 'export default (function (params) { return params.a })', 1],
    ['an arrow function in parentheses', 'export default (({ a }) => a)', 1],
    ['a function followed by a call', 'export default function f({ a }) { return a }\n(2)', 1],
    ['a function without name and a list', 'export default function ({ a }) { return a }\n[1].map(String)', 1],
    ['a variable', 'const f = ({ a }) => a; export { f as default }', 1],
    ['a call that gives a function', 'export default (() => ({ a }) => a)()', 1],
  ])('%s is called with params', async (_, source, value) => {
    expect(await (await runTransformed(source, 'script.js', { a: 1 })).value).toBe(value);
  });

  test.each([
    ['export default function () { }', 'default'],
    ['export default () => { }', 'default'],
    ['export default (() => { })', 'default'],
    ['export default class { }', 'default'],
    ['export default function named() { }', 'named'],
    ['export default class Named { }', 'Named'],
    ['export default class { static name = "own" }', 'own'],
    ['const a = () => { }; export default a', 'a'],
  ])('%s is named %s', async (source, name) => {
    expect(compiled(source, 'module')(undefined, (value: { name: string }) => value.name)).toBe(name);
  });

  test('a module is strict, a script is not', async () => {
    expect(await resultOf('export default (function () { return this })() === undefined')).toBe(true);
    expect(await resultOf('(function () { return this })() === undefined')).toBe(false);
    expect(await resultOf('"use strict"; (function () { return this })() === undefined')).toBe(true);
  });

  test('a file called .mjs is a module without any export', () => {
    expect(transform('1', 'module', 'script.mjs').code).toContain('"use strict"');
    expect(transform('1', 'script', 'script.js').code).not.toContain('"use strict"');
  });
});

describe('top-level await', () => {
  test.each([
    ['await 1', 1],
    ['await 1; 2', 2],
    ['(await Promise.resolve([1, 2])).length', 2],
    ['const a = await 1; a + 1', 2],
    ['let s = 0; for await (const a of [1, 2]) { s += a }', 3],
    ['if (await true) { "yes" }', 'yes'],
    ['{ await using a = { async [Symbol.asyncDispose]() { } }; 1 }', 1],
    ['class A { static [await "key"] = 5 } A.key', 5],
    ['const f = async () => await 1; await f()', 1],
    ['[`a`, await 1].join()', 'a,1'],
    ['await 0; this === globalThis', true],
  ])('%s', async (source, value) => {
    expect(await resultOf(source)).toBe(value);
  });

  test.each(['1', 'async () => { await 1 }; 2', 'const f = async () => { for await (const a of []); }; 3'])(
    'no promise is made where nothing waits: %s',
    (source) => {
      expect(transform(source, goalOf(source), 'script.js').code).toMatch(/^\(function\(/);
    },
  );
});

describe('throw', () => {
  test.each([
    'throw 1',
    'throw 1;',
    'throw (1)',
    'throw (0, 1)',
    'throw 0, 1',
    'throw /* a */ 1 /* b */',
    'throw 1 // c',
    'throw [1][0]',
    'throw [1]\n[0]',
    'throw await 1',
    'throw (await 1)',
    'throw (() => 1)()',
    'throw true ? 1 : 2',
    'var x; throw x = 1',
    'if (true) throw 1',
    'if (true) throw 1; else throw 2',
    'if (false) ; else throw 1',
    'for (;;) throw 1',
    'do throw 1; while (true)',
    'a: throw 1',
    'a: { throw 1 }',
    'with ({}) throw 1',
    'switch (1) { case 1: throw 1 }',
    'switch (1) { default: throw 1 }',
    'try { throw 1 } finally { }',
    'try { throw 2 } catch { throw 1 }',
    'try { } finally { throw 1 }',
    'function f() { throw 1 } f()',
    'const f = () => { throw 1 }; f()',
    'const f = async () => { throw 1 }; await f()',
    'function* g() { throw yield } const i = g(); i.next(); i.next(1)',
    'class A { static { throw 1 } }',
    'class A { constructor() { throw 1 } } new A()',
    'class A { static a = (() => { throw 1 })() }',
    'class A { get a() { throw 1 } } new A().a',
    '({ get a() { throw 1 } }).a',
    'throw `1` * 1',
    'export default () => { throw 1 }',
    'export default function () { throw 1 }',
    'throw 1; export {}',
    'const n$ = 2; throw n$ - 1',
  ])('%s is noted, and thrown as it was', async (source) => {
    const noted: unknown[] = [];
    const note = (value: unknown): unknown => {
      noted.push(value);
      return value;
    };
    const call = (value: unknown): unknown => (typeof value === 'function' ? value() : value);
    const run = async (): Promise<unknown> => compiled(source)(note, call);
    await expect(run()).rejects.toBe(1);
    expect(noted.at(-1)).toBe(1);
  });

  test('a rethrown error is the same object', async () => {
    expect(await resultOf('const e = {}; try { try { throw e } catch (x) { throw x } } catch (y) { y === e }')).toBe(
      true,
    );
  });
});

describe('what cannot be imported is refused with its place', () => {
  test.each([
    ['import a from "b"', 'b', 1, 15],
    ['import "fs"', 'fs', 1, 8],
    ['\n\nimport { a } from "x/y"', 'x/y', 3, 19],
    ['1\r\nexport * from "z"', 'z', 2, 15],
    ['export { a } from "w"', 'w', 1, 19],
    ['export * as n from "m"', 'm', 1, 20],
  ])('%j', (source, name, line, column) => {
    const error = thrownBy(() => transform(source, 'module', 'script.js'));
    expect(error.report).toEqual({
      message: `SyntaxError: Cannot import '${name}': a script is one file and has no modules`,
      line,
      column,
    });
  });
});

describe('the wrapper', () => {
  test.each(['1', 'await 1', 'export default 1', '', '1\n2\n3', '#!x\n1', 'throw 1'])(
    'adds one line for its end and one for the name of the file: %j',
    (source) => {
      const { code, shifts } = transform(source, goalOf(source), 'a/b.js');
      const lines = lineStarts(source).length;
      expect(lineStarts(code)).toHaveLength(lines + 2);
      expect(code.endsWith('\n//# sourceURL=a/b.js')).toBe(true);
      expect(shifts.at(-1)?.slice(0, 2)).toEqual([lines + 1, 1]);
    },
  );

  test('uses no name that the source can have', () => {
    const { code } = transform('n$ = c$ = v$ = 1; "$$"', 'script', 'script.js');
    const names = /^\(function\(n(\$\w{12}),c\1,v\1\)/;
    expect(code).toMatch(names);
    expect(names.exec(transform('1', 'script', 'script.js').code)?.[1]).not.toBe(names.exec(code)?.[1]);
  });

  test('a comment at the end does not swallow its end', async () => {
    expect(await resultOf('1 // comment')).toBe(1);
    expect(await resultOf('1 <!-- comment')).toBe(1);
    expect(await resultOf('1\n--> comment')).toBe(1);
  });

  test('names another file than the source does', () => {
    const { code } = transform('1 //# sourceURL=evil.js', 'script', 'script.js');
    expect(code.endsWith('\n//# sourceURL=script.js')).toBe(true);
  });

  test('a source that nests too deeply is refused, not survived by luck', () => {
    const error = thrownBy(() => transform(`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'script', 'script.js'));
    expect(error.report.message).toMatch(/^SyntaxError: .*(stack|deep)/);
  });

  test('a long chain is walked without recursion', () => {
    expect(transform(`a${'.b'.repeat(20_000)}`, 'script', 'script.js').code).toMatch(/^\(function/);
  });
});

function thrownBy(run: () => unknown): SourceError {
  try {
    run();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
