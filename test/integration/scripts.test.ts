/** Scripts as people and minifiers write them, each with the value or the place that Node gives. */
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

const value = async (source: string, language: 'JavaScript' | 'TypeScript' = 'JavaScript'): Promise<unknown> => {
  const { error, result } = await engine.runtime.execute({ source, language }, { params: { price: 7 } });
  if (error) throw error;
  return result;
};

const place = async (source: string, language: 'JavaScript' | 'TypeScript' = 'JavaScript'): Promise<string> => {
  const { error } = await engine.runtime.execute({ source, language });
  return `${error?.message} ${error?.line}:${error?.column}`;
};

describe('keywords that stand beside their operands', () => {
  test.each<[string, unknown]>([
    ['try{throw{code:404}}catch(e){e.code}', 404],
    ['try{throw"a"}catch(e){e}', 'a'],
    ['try{throw`a`}catch(e){e}', 'a'],
    ['try{throw[1]}catch(e){e}', [1]],
    ['try{throw-1}catch(e){e}', -1],
    ['try{throw!1}catch(e){e}', false],
    ['try{throw/a/}catch(e){e.source}', 'a'],
    ['try{throw(1,2)}catch(e){e}', 2],
    ['if(0)1;else[5]', [5]],
    ['if(0)1;else(5)', 5],
    ['if(0)1;else"a"', 'a'],
    ['if(0)1;else-5', -5],
    ['if(0)1;else/a/.source', 'a'],
    ['var i=0;do++i;while(i<3)', 3],
    ['var i=0;do{i++}while(i<3)i', 3],
    ['export default((a)=>a.price)', 7],
    ['export default[1]', [1]],
    ['export default{a:1}', { a: 1 }],
    ['await(0),5', 5],
    ['await[1]', [1]],
    ['for await(const a of[1,2])a', 2],
    ['({ [await "a"]() { return 5 } }).a()', 5],
    ['new class { [await "a"] = 5 }().a', 5],
    ['switch(1){case(1):"a"}', 'a'],
    ['(()=>{return[1]})()', [1]],
    ['void 0??typeof(1)', 'number'],
  ])('%s', async (source, expected) => {
    expect(await value(source)).toEqual(expected);
  });

  test('one branch logs', async () => {
    const { logs } = await engine.run('if(true)console.log("then");else(console.log("else"))');
    expect(logs.map(({ message }) => message)).toEqual(['then']);
  });

  test.each([
    ['throw(new Error("x"))', 'Error: x 1:7'],
    ['export default()=>{throw(new Error("x"))}', 'Error: x 1:26'],
    ['await 1;throw(new Error("x"))', 'Error: x 1:15'],
  ])('%s', async (source, expected) => {
    expect(await place(source)).toBe(expected);
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are sources
describe('a name that is not defined has its place at the start of a line too', () => {
  test.each([
    ['const tax = 0.2;\nconst price = params.price ?? 10;\nprcie * (1 + tax)', 'prcie', '3:1'],
    ['nope()', 'nope', '1:1'],
    ['new nope()', 'nope', '1:1'],
    // V8 itself says where the template starts.
    ['1;\n`${nope}`', 'nope', '2:1'],
    ['1;\nawait nope', 'nope', '2:1'],
    ['if (1) {\nnope\n}', 'nope', '2:1'],
    ['for (;;)\nnope', 'nope', '2:1'],
    ['try {\nnope\n} finally { }', 'nope', '2:1'],
    ['switch (1) { default:\nnope\n}', 'nope', '2:1'],
    ['1;\r\nnope', 'nope', '2:1'],
    ['#!/usr/bin/env node\nnope', 'nope', '2:1'],
    ['await 1;\nnope', 'nope', '2:1'],
    ['export default 1;\nnope', 'nope', '2:1'],
  ])('%j', async (source, name, where) => {
    expect(await place(source)).toBe(`ReferenceError: ${name} is not defined ${where}`);
    expect(await place(source, 'TypeScript')).toBe(`ReferenceError: ${name} is not defined ${where}`);
  });

  test('nor one that is not there yet', async () => {
    expect(await place('1;\na; let a = 1')).toBe("ReferenceError: Cannot access 'a' before initialization 2:1");
  });
});

describe('TypeScript whose meaning hangs on line ends', () => {
  test.each<[string, unknown]>([
    ['const f = () => "called"\nf\ntype T = 0\n`x${1}`', 'x1'],
    ['function pick() {\nreturn <V>\n(v: V) => v, 9;\n}\npick()', 9],
    ['const twice = async<N>\n(n: N) => n;\nawait twice(2)', 2],
    ['class A { a = 1\ndeclare x: number\n["y"] = 2 }\nObject.keys(new A())', ['a', 'y']],
    ['let a = 1\ninterface B { }\n(2)', 2],
    ['let a = [5] as number[]\ntype B = 0\n[0]', [0]],
    [
      'abstract class A { abstract b: number\n["c"] = 1 }\nclass B extends A { b = 2 }\nObject.keys(new B())',
      ['c', 'b'],
    ],
  ])('%j', async (source, expected) => {
    expect(await value(source, 'TypeScript')).toEqual(expected);
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: these are sources

describe('TypeScript is a script where it has no import and no export', () => {
  test.each<[string, unknown]>([
    ['with ({ a: 1 as number }) { a }', 1],
    ['var f: any = 1; function f() { }\ntypeof f', 'number'],
    ['function f(a: number, a: number) { return a }\nf(1, 2)', 2],
    ['010 as number', 8],
  ])('%s', async (source, expected) => {
    expect(await value(source, 'TypeScript')).toBe(expected);
  });

  test.each([
    ['let a: number;\nlet a: string', "SyntaxError: Identifier 'a' has already been declared 2:5"],
    ['let a: number = 1\nfunction a() { }', "SyntaxError: Identifier 'a' has already been declared 2:1"],
    ['enum E { A }\nlet E', "SyntaxError: Identifier 'E' has already been declared 2:5"],
    ['(a: number, a: number) => 1', 'SyntaxError: Duplicate parameter name not allowed in this context 1:13'],
  ])('what a script may not have is refused in the words of V8: %j', async (source, expected) => {
    expect(await place(source, 'TypeScript')).toBe(expected);
  });

  test.each([
    ['1;\nnull ?? 1 || 2', 2],
    ['null || 1 ?? 2', 1],
    ['-1 ** 2', 1],
    ['const a: number = typeof 1 ** 2', 1],
    ['let r: any;\n[...r,] = []', 2],
    ['for (async of []) 1', 1],
  ])('what V8 refuses as it is written is refused: %j', async (source, line) => {
    expect(await place(source, 'TypeScript')).toMatch(new RegExp(`^SyntaxError: .* ${line}:\\d+$`));
  });

  test.each([
    ['(null ?? 1) || (2 && (3 ?? 4))', 1],
    ['/** a ** b */ 2 ** -1 + (-2) ** 2', 4.5],
    ['const f = ({ a = 1 }: { a?: number }, ...b: number[]) => [a, ...b,]; f({}, 2)', [1, 2]],
    ['let a = 0; ({ a = 5 } = {} as any); a', 5],
    ['const async = 3; for (const x of [async]) x', 3],
  ])('what looks like it runs: %j', async (source, expected) => {
    const { result, error } = await engine.runtime.execute({ source, language: 'TypeScript' });
    expect(error ?? result).toEqual(expected);
  });
});

describe('TypeScript in a file of JavaScript', () => {
  const HINT = 'write language: TypeScript, or name the file .ts';

  test.each([
    ['const a: number = 1;\na', `Missing initializer in const declaration (this is TypeScript: ${HINT}) 1:7`],
    ['1;\nenum E { A }', `Unexpected reserved word (this is TypeScript: ${HINT}) 2:1`],
    ['interface A { }\n1', `Unexpected identifier 'A' (this is TypeScript: ${HINT}) 1:11`],
    ['module N { export type T = 1 }', `Unexpected identifier 'N' (this is TypeScript: ${HINT}) 1:8`],
    ['import { type A } from "x"', `Unexpected identifier 'A' (\`import type\` is TypeScript: ${HINT}) 1:15`],
    ['import type { A } from "x"', `Unexpected token '{' (\`import type\` is TypeScript: ${HINT}) 1:13`],
    ['1 as number', `Unexpected identifier 'as' (this is TypeScript: ${HINT}) 1:3`],
    ['const f = <T,>(a: T) => a', `Unexpected token '<' (this is TypeScript: ${HINT}) 1:11`],
    ['class A { accessor x = 1 }', `Unexpected identifier 'x' (this is TypeScript: ${HINT}) 1:20`],
    ['@d class A { }', `Invalid or unexpected token (this is TypeScript: ${HINT}) 1:1`],
  ])('is told: %j', async (source, expected) => {
    expect(await place(source)).toBe(`SyntaxError: ${expected}`);
  });

  test.each([
    ['let let = 1', 'let is disallowed as a lexically bound name 1:5'],
    ['const a: number = ', 'Missing initializer in const declaration 1:7'],
    ['a ? : b', "Unexpected token ':' 1:5"],
    ['a ?? b || c', "Unexpected token '||' 1:8"],
    ['a || b ?? c', "Unexpected token '??' 1:8"],
    ['a?.`x`', 'Invalid tagged template on optional chain 1:4'],
    ['import defer * as n from "x"', "Unexpected token '*' 1:14"],
    ['import { a as b } from "x"; let b', "Identifier 'b' has already been declared 1:33"],
    ['await null; <!-- c\n5', 'HTML comments are not allowed in modules 1:16'],
    ['<div/>', "Unexpected token '<' 1:1"],
  ])('is nothing else that does not parse: %j', async (source, expected) => {
    expect(await place(source)).toBe(`SyntaxError: ${expected}`);
  });
});

describe('the top of a script is the top of a script', () => {
  test.each<[string, unknown]>([
    ['typeof arguments', 'undefined'],
    ['var params; params.price', 7],
    ['var undefined = 1; typeof undefined', 'undefined'],
    ['var NaN = 1; String(NaN)', 'NaN'],
    ['this === globalThis', true],
    ['function q() {} typeof globalThis.q', 'function'],
    ['var q = 1; globalThis.q', 1],
    ['var q = 5; new Function("return q")()', 5],
    ['let q = 5; new Function("return q")()', 5],
    ['var q = 5; (0, eval)("q")', 5],
    ['await 1; var q = 5; (0, eval)("q")', 5],
    ['await 1; function q() { } typeof globalThis.q', 'function'],
    ['await 1; typeof arguments', 'undefined'],
    ['await 1; var { a, b: [c = 3] } = { a: 1, b: [] }; [globalThis.a, globalThis.c]', [1, 3]],
    ['const q = await 2; function twice(n) { return n * q } twice(4)', 8],
    ['let context = 5; context', 5],
    ['var context = 5; context', 5],
    ['function context() { return 5 } context()', 5],
    ['with ({ a: 1 }) { a }', 1],
    ['010', 8],
    ['x = 1\n--> this is a comment\nx', 1],
    ['--> this is a comment\n3', 3],
    ['<!-- this is a comment\n3', 3],
  ])('%j', async (source, expected) => {
    expect(await value(source)).toEqual(expected);
  });

  test('a name that it may not take is V8’s to refuse', async () => {
    for (const [source, name, where] of [
      ['let undefined = 1', 'undefined', '1:5'],
      ['1;\nconst a = 1;\n  class NaN { }', 'NaN', '3:9'],
      ['"a";\r\nconst Infinity = 1, b = 2', 'Infinity', '2:7'],
    ]) {
      expect(await place(source as string)).toBe(
        `SyntaxError: Identifier '${name}' has already been declared ${where}`,
      );
    }
    for (const source of ['{ let undefined = 7; undefined }', '(() => { const NaN = 7; return NaN })()']) {
      expect(await value(source)).toBe(7);
    }
    expect(await place('arguments')).toMatch(/^ReferenceError: arguments is not defined 1:1/);
  });

  test.each<[string, unknown, string[]]>([
    ['using r = { [Symbol.dispose]() { console.log("gone") } };\nconsole.log("there");\n5', 5, ['there', 'gone']],
    ['using a = null, b = undefined; function f() { return 7 } f()', 7, []],
    [
      '"use strict";\nusing a = { [Symbol.dispose]() { console.log(1) } }, b = { [Symbol.dispose]() { console.log(2) } }',
      'use strict',
      ['2', '1'],
    ],
  ])('using stands at the top of a script: %s', async (source, expected, lines) => {
    for (const language of ['JavaScript', 'TypeScript'] as const) {
      const { result, logs } = await engine.runtime.execute({ source, language });
      expect([result, logs.map(({ message }) => message)]).toEqual([expected, lines]);
    }
    expect(await place('let n = 1;\nusing r = {};')).toMatch(/^TypeError: .* 2:11$/);
  });

  test('using stands at the top of a module', async () => {
    expect(await value('using r = { [Symbol.dispose]() {} };\nexport default 5')).toBe(5);
    expect(await value('await using r = { async [Symbol.asyncDispose]() {} };\nawait 5')).toBe(5);
  });
});

describe('completion values are V8’s, with a top-level await too', () => {
  test.each<[string, unknown]>([
    ['do { try { 1 } finally { 2; break } } while (false)', 2],
    ['do { try { 1 } finally { 2 } } while (false)', 1],
    ['1; if (false) 2', undefined],
    ['1; var a = 2', 1],
    ['1; function f() { }', 1],
    ['1; L: { 2; break L; }', 2],
    ['1; { }', 1],
    ['for (const a of [1, 2]) a', 2],
    ['try { throw 1 } catch { 5 }', 5],
    ['switch (2) { case 1: 1; case 2: 2; case 3: 3 }', 3],
    ['"use strict"', 'use strict'],
    ['if (0) f() = 1; 3', 3],
  ])('%s', async (source, expected) => {
    expect(await value(source)).toEqual(expected);
    const directive = source.startsWith('"');
    expect(await value(directive ? `${source}; await 0` : `await 0; ${source}`)).toEqual(
      directive ? 0 : (expected ?? (await emptied(source))),
    );
  });

  /** What `await 0` gave stands where a statement has no value. */
  const emptied = async (source: string): Promise<unknown> => value(`0; ${source}`);
});

describe('places', () => {
  test.each([
    ['try { throw "retry" } catch {}\nawait Promise.reject("retry")', "Uncaught 'retry' 2:22"],
    [
      'const f = new Function("a", "return a.b.c");\nf({})',
      "TypeError: Cannot read properties of undefined (reading 'c') 2:1",
    ],
    [
      'function inner() { null.x }\ntry { inner() } catch (e) {\nthrow new Error("wrapped: " + e.stack)\n}',
      /^Error: wrapped: [\s\S]* 3:7$/,
    ],
    ['Error.prepareStackTrace = () => "mine";\nthrow new Error("x")', 'Error: x 2:7'],
    ['Error.prepareStackTrace = () => { throw 1 };\nthrow new Error("x")', 'Error: x 2:7'],
    ['const o = { "copepod:x": () => { null.y } };\no["copepod:x"]()', /^TypeError: .* 1:39$/],
    [
      'const f = () => "called"\nlet a = f\nimport.meta\na.b.c',
      "TypeError: Cannot read properties of undefined (reading 'c') 4:5",
    ],
  ])('%j', async (source, expected) => {
    expect(await place(source)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  test('import.meta is one object, and stands in a script', async () => {
    expect(await value('const f = () => "called"\nlet a = f\nimport.meta\ntypeof a')).toBe('function');
    expect(await value('import.meta === import.meta')).toBe(true);
    expect(await value('export default import.meta === import.meta')).toBe(true);
  });

  test('a message is what V8 said first', async () => {
    expect(await place('[1].forEach(x => {\nawait x\n})')).toBe(
      'SyntaxError: await is only valid in async functions and the top level bodies of modules 2:1',
    );
  });
});

describe('what several errors say is kept', () => {
  test('the reasons of Promise.any', async () => {
    const { error } = await engine.run('await Promise.any([Promise.reject(new Error("a")), Promise.reject(1)])');
    expect(error).toMatchObject({
      message: 'AggregateError: All promises were rejected',
      errors: [{ message: 'Error: a' }, { message: 'Uncaught 1' }],
    });
  });

  test('both errors of a disposal', async () => {
    const { error } = await engine.run(
      '{ using a = { [Symbol.dispose]() { throw new Error("b") } }; throw new Error("c") }',
    );
    expect(error?.errors).toMatchObject([{ message: 'Error: b' }, { message: 'Error: c' }]);
  });
});

describe('the largest scripts compile, however they are written', () => {
  test.each([
    ['declarations without semicolons', 'var a\n'],
    ['functions without semicolons', 'function f(){return 1}\n'],
  ])('%s', async (_, line) => {
    expect(await value(`${line.repeat(240_000 / line.length)}7`)).toBe(7);
  });
});
