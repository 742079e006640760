import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

const typescript = (source: string, params: object = {}) =>
  engine.runtime.execute({ source, language: 'TypeScript' }, { params: params as never });

describe('types are stripped', () => {
  test.each<[string, string, unknown]>([
    ['annotations', 'const a: number = 1; a', 1],
    ['interfaces', 'interface A { a: number; b?: string }\nconst a: A = { a: 1 };\na', { a: 1 }],
    ['aliases', 'type A = { a: 1 } | null;\nconst a: A = null;\na', null],
    ['as', '(1 as unknown as string)', 1],
    ['as const', 'const a = [1, 2] as const; a', [1, 2]],
    ['satisfies', 'const a = { b: 1 } satisfies Record<string, number>; a', { b: 1 }],
    ['non-null', 'const a: { b?: number } = { b: 1 }; a.b!', 1],
    [
      'generics',
      'function id<T extends object = {}>(value: T): T { return value } id<{ a: number }>({ a: 1 })',
      { a: 1 },
    ],
    ['generic arrow functions', 'const id = <T,>(value: T): T => value; id(1)', 1],
    ['generic calls', 'new Map<string, number[]>([["a", [1]]]).get("a")', [1]],
    [
      'overloads',
      'function f(a: string): string;\nfunction f(a: number): number;\nfunction f(a: any) { return a }\nf(1)',
      1,
    ],
    ['optional parameters', 'const f = (a?: number, ...rest: string[]): number => a ?? rest.length; f()', 0],
    ['this', 'function f(this: { a: number }) { return this.a } f.call({ a: 1 })', 1],
    ['predicates', 'const is = (a: unknown): a is string => typeof a === "string"; is("a")', true],
    ['assertions', 'function check(a: unknown): asserts a is string { } check(1); 2', 2],
    [
      'abstract classes',
      'abstract class A { abstract a(): number; b() { return this.a() } }\nclass B extends A { a() { return 1 } }\nnew B().b()',
      1,
    ],
    [
      'members',
      'class A { private readonly a: number = 1; protected static b?: string; declare c: number; #d = 2; get sum(): number { return this.a + this.#d } }\nnew A().sum',
      3,
    ],
    ['implements', 'interface I { a: number }\nclass A implements I { a = 1 }\nnew A().a', 1],
    ['index signatures', 'class A { [key: string]: number | undefined; a = 1 }\nnew A().a', 1],
    ['declare', 'declare const outside: number;\ndeclare function f(): void;\ndeclare module "x" { }\n1', 1],
    ['type exports', 'export type A = number;\nexport interface B { }\nexport default 1', 1],
    ['type imports', 'import type { A } from "nowhere";\nconst a: A = 1;\nexport default a', 1],
    ['enums that are declared alone', 'declare enum A { B }\n1', 1],
    [
      'async functions',
      'export default async function (params: { a: number }): Promise<number> { return params.a }',
      5,
    ],
    ['a typed default export', 'export default ({ a }: { a: number }): number => a * 2', 10],
    ['satisfies in a default export', 'export default { a: 1 } satisfies object', { a: 1 }],
    ['top-level await', 'const a: number = await Promise.resolve(1); a', 1],
    ['a shebang', '#!/usr/bin/env node\nconst a: number = 1; a', 1],
    ['a byte order mark', '\ufeffconst a: number = 1; a', 1],
    ['Windows line ends', 'const a: number = 1;\r\nconst b: number = 2;\r\na + b', 3],
    ['a line that starts with a parenthesis after a type', 'type A = number\n;(1 as A)', 1],
    ['JavaScript', 'const a = 1; a', 1],
  ])('%s', async (_, source, result) => {
    const outcome = await typescript(source, { a: 5 });
    expect(outcome.error).toBeUndefined();
    expect(outcome.result).toEqual(result);
  });

  test.each(['a.ts', 'a.mts', 'a.cts'])('a file called %s is TypeScript', async (name) => {
    expect(await engine.result('const a: number = 1; export default a', { name })).toBe(1);
  });

  test('JavaScript with types is a CompilationError', async () => {
    expect(await engine.run('const a: number = 1')).toMatchObject({ reason: 'CompilationError' });
  });
});

describe('what TypeScript adds to JavaScript runs', () => {
  test.each<[string, string, unknown]>([
    ['enum', 'enum Color { Red = 1, Green, Blue = Red | 4 }\n[Color.Green, Color.Blue, Color[1]]', [2, 5, 'Red']],
    ['enum of texts', 'enum Color { Red = "r" }\nColor.Red', 'r'],
    ['const enum', 'const enum Color { Red, Green }\nColor.Green', 1],
    ['enum in two parts', 'enum A { B }\nenum A { C = 5 }\n[A.B, A.C]', [0, 5]],
    ['namespace', 'namespace A { export const a = 1; export namespace B { export const f = () => a } }\nA.B.f()', 1],
    ['namespace with variables', 'namespace A { export let a = 1; export const next = () => ++a }\nA.next() + A.a', 4],
    ['namespace in two parts', 'namespace A { export const a = 1 }\nnamespace A { export const b = a + 1 }\nA.b', 2],
    ['enum and namespace', 'enum A { B = 5 }\nnamespace A { export const c = A.B + 1 }\nA.c', 6],
    ['parameter property', 'class A { constructor(private a: number, readonly b = a) { } }\nnew A(3)', { a: 3, b: 3 }],
    [
      'parameter property behind super',
      'class A { }\nclass B extends A { constructor(public a: number) { super() } }\nnew B(3)',
      { a: 3 },
    ],
    ['cast in angle brackets', '<any>5', 5],
    [
      'decorator',
      'const twice = (f: any, _: any) => () => f() * 2;\nclass A { @twice m() { return 21 } }\nnew A().m()',
      42,
    ],
    [
      'class decorator',
      'const mark = (c: any, _: any) => { c.marked = true };\n@mark class A { declare static marked: boolean }\nA.marked',
      true,
    ],
    ['accessor', 'class A { accessor a = 5 }\nnew A().a', 5],
    ['import of a namespace', 'namespace A { export const b = 3 }\nimport c = A.b;\nc', 3],
    ['using', 'const log: string[] = [];\n{ using a = { [Symbol.dispose]() { log.push("gone") } } }\nlog', ['gone']],
  ])('%s', async (_, source, result) => {
    const outcome = await typescript(source);
    expect(outcome.error).toBeUndefined();
    expect(outcome.result).toEqual(result);
  });

  test.each<[string, string, number, number, RegExp]>([
    [
      'import = require',
      'type A = 1;\nimport fs = require("fs")',
      2,
      1,
      /import … = require.* is CommonJS.*write `import … from/,
    ],
    ['export =', 'const a = 1;\n  export = a', 2, 3, /export =.* is CommonJS.*write `export default`/],
  ])('%s is refused, with its place and what to write instead', async (_, source, line, column, message) => {
    const { reason, error } = await typescript(source);
    expect(reason).toBe('CompilationError');
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ line, column, type: 'CompilationError' });
  });
});

describe('errors have positions in the TypeScript source', () => {
  const place = async (source: string): Promise<unknown> => {
    const { error, reason } = await typescript(source);
    return { reason, line: error?.line, column: error?.column };
  };

  test.each<[string, string, number, number]>([
    ['after a type in the line', 'const a: { b: string } | null = null; throw new Error("x")', 1, 45],
    ['after an interface', 'interface A {\n  a: number;\n}\nthrow new Error("x")', 4, 7],
    ['after types with wide characters', 'type A = "ä€😀日本";\nconst a: "é" = "é"; throw new Error("x")', 2, 27],
    ['after wide characters in a type of the same line', 'const a: "ä😀" | 1 = 1; throw new Error("x")', 1, 31],
    ['after Windows line ends', 'type A = number;\r\nconst a: A = 1;\r\nthrow new Error("x")', 3, 7],
    ['in a typed function', 'const f = (a: number): never => { throw new Error("x") };\nf(1)', 1, 41],
    ['behind a generic call', 'const f = <T,>(a: T): T => { throw new Error("x") }; f<string>("a")', 1, 36],
    ['after a cast', '(null as any).x', 1, 15],
    ['after a byte order mark', '\ufeffconst a: number = 1; throw new Error("x")', 1, 28],
    ['of a thrown text', 'const a: number = 1; throw "text" as string', 1, 28],
    ['of a parenthesis at the start of a line', 'const a: number = 1;\n({ ...none })', 2, 1],
    ['of several of them', 'const a: number = 1;\n(({ ...none }))', 2, 2],
  ])('thrown %s', async (_, source, line, column) => {
    expect(await place(source)).toEqual({ reason: 'RuntimeError', line, column });
  });

  test.each<[string, string, number, number]>([
    ['TypeScript', 'const a: = 1', 1, 10],
    ['TypeScript on a later line', 'type A = number;\n\nconst a: A = ;', 3, 14],
    ['TypeScript after tabs', 'const a = 1;\n\t\tconst b: = 1', 2, 12],
    ['TypeScript after wide characters of Asia', 'const a = "日本"; const b: = 1', 1, 26],
    ['TypeScript after wide characters', 'const a = "ä€😀"; const b: = 1', 1, 28],
    ['JavaScript that only V8 refuses', 'const a: number = 1;\nreturn a', 2, 1],
    ['an import', 'import { a } from "b";\nconst c: number = a', 1, 19],
  ])('of invalid %s', async (_, source, line, column) => {
    expect(await place(source)).toEqual({ reason: 'CompilationError', line, column });
  });

  test('stacks have columns of the TypeScript source', async () => {
    const { error } = await engine.run('const f = (a: number): void => { throw new Error("x") };\nf(1 as number);', {
      name: 'rule.ts',
    });
    expect(error?.stack).toBe('Error: x\n    at f (rule.ts:1:40)\n    at rule.ts:2:1');
  });
});
