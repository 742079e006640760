import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

/** `¡` marks the position of the error and is removed. A byte order mark is not counted as a column. */
function marked(source: string): { source: string; line: number; column: number } {
  const offset = source.indexOf('¡');
  const lines = source
    .slice(0, offset)
    .replace('\ufeff', '')
    .split(/\r\n|[\n\r\u2028\u2029]/);
  return { source: source.replace('¡', ''), line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

describe('a source that does not parse is a CompilationError with its position', () => {
  test.each([
    ['const a = ¡;', /^SyntaxError: Unexpected token ';'/],
    ['1 +\n\n  ¡)', /^SyntaxError: Unexpected token '\)'/],
    ['const a = 1;\nconst ¡a = 2;', /^SyntaxError: Identifier 'a' has already been declared/],
    ['function f() {\r\n  return ¡return;\r\n}', /^SyntaxError: Unexpected token 'return'/],
    ['export default function () {\n  ¡?\n}', /^SyntaxError: Unexpected token '\?'/],
    ['await 1;\nlet ¡let = 2', /^SyntaxError: /],
    ['¡return 1', /^SyntaxError: Illegal return statement/],
    ['¡break', /^SyntaxError: Illegal break statement/],
    ['"use strict"; ¡with ({}) { }', /^SyntaxError: Strict mode code may not include a with statement/],
    ['export default 1;\nexport ¡default 2;', /^SyntaxError: /],
    ['import a from ¡"fs"', /^SyntaxError: Cannot import 'fs': the script is one file, and its runtime has no imports/],
    ['\n  import ¡"node:fs"', /^SyntaxError: Cannot import 'node:fs'/],
    ['export * from ¡"x"', /^SyntaxError: Cannot import 'x'/],
    ['const ä = "😀"; ¡)', /^SyntaxError: Unexpected token '\)'/],
    ['#!/usr/bin/env node\n¡)', /^SyntaxError: Unexpected token '\)'/],
    ['¡"unterminated', /^SyntaxError: Invalid or unexpected token/],
    ['}¡)({', /^SyntaxError: /],
  ])('%j', async (text, message) => {
    const { source, line, column } = marked(text);
    const { reason, error } = await engine.run(source);
    expect(reason).toBe('CompilationError');
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ type: 'CompilationError', retryable: false });
    if (/^\}/.test(text)) return; // V8 stops at the first brace
    if (/let let|default 2/.test(text)) expect(error?.line).toBe(line);
    else expect({ line: error?.line, column: error?.column }).toEqual({ line, column });
  });

  test('it contains no wrapper and no path', async () => {
    const { error } = await engine.run('}), (function () {');
    expect(error?.message).toBe("SyntaxError: Unexpected token '}'");
    expect(error?.stack).toBe(error?.message);
  });
});

describe('an error thrown by a script is a RuntimeError with its position', () => {
  test.each<[string, string, string]>([
    ['at the top', 'throw ¡new Error("x")', 'Error: x'],
    ['on a later line', '1;\n2;\n  throw ¡new Error("x")', 'Error: x'],
    ['in a function', 'function f() {\n  throw ¡new Error("x");\n}\nf()', 'Error: x'],
    ['in a nested function', 'const f = () => { const g = () => { throw ¡new Error("x") }; g() }; f()', 'Error: x'],
    ['in an async function', 'const f = async () => { await null; throw ¡new Error("x") }; await f()', 'Error: x'],
    ['after a top-level await', 'await null;\nthrow ¡new Error("x")', 'Error: x'],
    ['in a callback', '[1, 2].map((n) => {\n  if (n === 2) throw ¡new Error("x")\n})', 'Error: x'],
    ['in a sort', '[1, 2].sort(() => { throw ¡new Error("x") })', 'Error: x'],
    ['in a reviver', 'JSON.parse("[1]", () => { throw ¡new Error("x") })', 'Error: x'],
    ['in a replacer', '"a".replace(/a/, () => { throw ¡new Error("x") })', 'Error: x'],
    ['in a getter', '({ get a() { throw ¡new Error("x") } }).a', 'Error: x'],
    ['in a setter', '({ set a(v) { throw ¡new Error("x") } }).a = 1', 'Error: x'],
    ['in a proxy', 'new Proxy({}, { get() { throw ¡new Error("x") } }).a', 'Error: x'],
    ['in a constructor', 'class A { constructor() { throw ¡new Error("x") } }\nnew A()', 'Error: x'],
    ['in a static block', 'class A { static { throw ¡new Error("x") } }', 'Error: x'],
    ['in a field', 'class A { a = (() => { throw ¡new Error("x") })() }\nnew A()', 'Error: x'],
    ['in a generator', 'function* g() { yield 1; throw ¡new Error("x") }\n[...g()]', 'Error: x'],
    ['in an async generator', 'async function* g() { throw ¡new Error("x") }\nfor await (const a of g());', 'Error: x'],
    ['in a promise', 'await new Promise(() => { throw ¡new Error("x") })', 'Error: x'],
    ['in a reaction', 'await Promise.resolve().then(() => { throw ¡new Error("x") })', 'Error: x'],
    ['in a module', 'export default 1;\nthrow ¡new Error("x")', 'Error: x'],
    ['in a default export', 'export default () => {\n  throw ¡new Error("x")\n}', 'Error: x'],
    ['in an async default export', 'export default async () => {\n  await 1;\n  throw ¡new Error("x")\n}', 'Error: x'],
    ['in a named default export', 'export default function run() { throw ¡new Error("x") }', 'Error: x'],
    ['in toJSON of the result', '({ toJSON() { throw ¡new Error("x") } })', 'Error: x'],
    ['in a getter of the result', '({ get a() { throw ¡new Error("x") } })', 'Error: x'],
    ['in a tagged template', '((strings) => { throw ¡new Error("x") })`a`', 'Error: x'],
    ['in a default parameter', 'const f = (a = (() => { throw ¡new Error("x") })()) => a\nf()', 'Error: x'],
    ['in a switch', 'switch (1) { case 1: throw ¡new Error("x") }', 'Error: x'],
    ['behind an if', 'if (true) throw ¡new Error("x")', 'Error: x'],
    ['by a property of null', 'const a = null;\na.¡b', "TypeError: Cannot read properties of null (reading 'b')"],
    ['by a call of a non-function', 'const a = {};\n\na.¡b()', 'TypeError: a.b is not a function'],
    ['by an undefined name', '1 + ¡missing', 'ReferenceError: missing is not defined'],
    ['by a name before its initialization', '¡a; let a = 1', "ReferenceError: Cannot access 'a' before initialization"],
    ['by an assignment to a constant', 'const a = 1; a ¡= 2', 'TypeError: Assignment to constant variable.'],
    ['by an invalid array length', '¡new Array(-1)', 'RangeError: Invalid array length'],
    [
      'by JSON',
      'JSON.¡parse("{")',
      "SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
    ],
    ['by a rejected promise', 'await Promise.reject(¡new Error("x"))', 'Error: x'],
    ['with a text', 'await Promise.reject(¡"text")', "Uncaught 'text'"],
    ['by Promise.any', 'await Promise.all([Promise.reject(¡new Error("x"))])', 'Error: x'],
    ['at another place than it was created', 'const e = ¡new Error("x");\nthrow e', 'Error: x'],
    [
      'again',
      'try {\n  null.¡x\n} catch (e) {\n  throw e\n}',
      "TypeError: Cannot read properties of null (reading 'x')",
    ],
    ['with Windows line ends', '1;\r\n2;\r\n  throw ¡new Error("x")\r\n', 'Error: x'],
    ['with old Mac line ends', '1;\r2;\r  throw ¡new Error("x")', 'Error: x'],
    ['with other line ends', '1;\u2028 throw ¡new Error("x")', 'Error: x'],
    ['after a byte order mark', '\ufeffthrow ¡new Error("x")', 'Error: x'],
    ['after a byte order mark and a shebang', '\ufeff#!/usr/bin/env node\nthrow ¡new Error("x")', 'Error: x'],
    ['after a shebang', '#!/usr/bin/env node\nthrow ¡new Error("x")', 'Error: x'],
    ['after wide characters', '/* ä€😀 */ "日本"; throw ¡new Error("x")', 'Error: x'],
    [
      'after other errors in one line',
      'try { throw 1 } catch { } try { throw 2 } catch { } throw ¡new Error("x")',
      'Error: x',
    ],
    ['in a list of expressions', '1, 2, (() => { throw ¡new Error("x") })()', 'Error: x'],
    ['in a loop', 'for (const a of [1]) for (const b of [2]) if (a < b) { throw ¡new Error("x") }', 'Error: x'],
    ['in a label', 'a: for (;;) { throw ¡new Error("x") }', 'Error: x'],
    ['in strict mode', '"use strict";\nundeclared ¡= 1', 'ReferenceError: undeclared is not defined'],
  ])('%s', async (_, text, message) => {
    const { source, line, column } = marked(text);
    const { reason, error } = await engine.run(source);
    expect(error?.message).toBe(message);
    expect(reason).toBe('RuntimeError');
    expect(error).toMatchObject({ type: 'RuntimeError', retryable: false });
    if (text.includes('undeclared')) expect(error?.line).toBe(line);
    else expect({ line: error?.line, column: error?.column }).toEqual({ line, column });
  });
});

describe('a thrown value that is not an Error has a position', () => {
  test.each<[string, string]>([
    ['throw ¡null', 'Uncaught null'],
    ['throw ¡undefined', 'Uncaught undefined'],
    ['throw ¡1', 'Uncaught 1'],
    ['throw ¡-0', 'Uncaught -0'],
    ['throw ¡5n', 'Uncaught 5n'],
    ['throw ¡"text"', "Uncaught 'text'"],
    ['throw ¡""', "Uncaught ''"],
    ['throw ¡Symbol("s")', 'Uncaught Symbol(s)'],
    ['throw ¡{ a: 1 }', 'Uncaught { a: 1 }'],
    ['throw ¡{ message: "not an error", code: 5 }', "Uncaught { message: 'not an error', code: 5 }"],
    ['throw ¡Object.freeze({ a: 1 })', 'Uncaught { a: 1 }'],
    ['throw ¡[1, 2]', 'Uncaught [ 1, 2 ]'],
    ['throw ¡() => 1', 'Uncaught [Function (anonymous)]'],
    ['throw ¡class A { }', 'Uncaught [class A]'],
    ['throw ¡new (class Problem { code = 5 })()', 'Uncaught Problem { code: 5 }'],
    ['throw ¡Object.create(null)', 'Uncaught [Object: null prototype] {}'],
    ['1;\n  throw ¡"text"', "Uncaught 'text'"],
    ['const f = () => { throw ¡"text" };\nf()', "Uncaught 'text'"],
    ['const f = async () => { await 1; throw ¡"text" };\nawait f()', "Uncaught 'text'"],
    ['export default () => { throw ¡"text" }', "Uncaught 'text'"],
    ['try { throw "other" } catch { }\nthrow ¡"text"', "Uncaught 'text'"],
    ['throw ¡(1, "text")', "Uncaught 'text'"],
  ])('%s', async (text, message) => {
    const { source, line, column } = marked(text);
    const { reason, error } = await engine.run(source);
    expect(reason).toBe('RuntimeError');
    expect(error?.message).toBe(message);
    expect({ line: error?.line, column: error?.column }).toEqual({ line, column });
  });

  test('a rejection whose call does not stand in the script has no position', async () => {
    const { error } = await engine.run('await new Promise((_, reject) => setTimeout(reject, 1, "text"))');
    expect(error).toMatchObject({ message: "Uncaught 'text'", line: undefined });
  });
});
