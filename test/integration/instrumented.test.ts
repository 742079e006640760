// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are sources
import { describe, expect, test } from '@jest/globals';
import { ERRORS, VALUES } from '../differential/forms.ts';
import { endingInNode } from '../differential/reference.ts';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

async function ending(source: string): Promise<object> {
  const { result, error } = await engine.run(source);
  if (error === undefined) return { value: result === undefined ? undefined : JSON.stringify(result) };
  return { error: error.message, place: error.line === undefined ? undefined : `${error.line}:${error.column}` };
}

/** Errors by which V8 takes another place for granted: what is thrown is an argument of a call here. */
const THROWS_WHAT_THROWS = /throw nope/;

describe('code beside what only instrumentation can tell ends as it does in Node, at the same places', () => {
  test.each([
    ['behind a thrown text', 'try { throw "a" } catch {}', 'try { throw "a" } catch {}'],
    ['behind an await at the top', 'await 0;', '0;'],
    ['behind both, and functions', 'try { throw "a" } catch {} await 0; function f0() { throw 1 }', '0;'],
    ['behind import.meta', 'import.meta;', '0;'],
  ])(
    '%s',
    async (_, here, inNode) => {
      const statements = [...VALUES, ...ERRORS].filter((statement) => !THROWS_WHAT_THROWS.test(statement));
      const found = await Promise.all(statements.map((statement) => ending(`${here}\n${statement}`)));
      const expected = statements.map((statement) => endingInNode(`${inNode}\n${statement}`));
      expect(found.map((each, i) => ({ statement: statements[i], ...each }))).toEqual(
        expected.map((each, i) => ({ statement: statements[i], ...each })),
      );
    },
    60_000,
  );
});

describe('a function tells its text as it was written', () => {
  test.each([
    ['function f() { throw "x" /* why */ }', 'f'],
    ['function f() { throw"x" }', 'f'],
    ['const f = () => { try { throw 1 } catch (e) { return e } }', 'f'],
    ['class A { m() { throw { a: 1 } } }', 'A'],
    ['function f(a) { throw a = 1, a; }', 'f'],
    ['class A { m() { throw (1, 2) } }', 'A.prototype.m'],
    ['await 0; function f(a, b = 1) { return a }', 'f'],
    ['await 0; async function* f() { throw 1 }', 'f'],
    ['const f = () => import("x")', 'f'],
    ['const f = () => import /* a */ ("x")', 'f'],
    ['const f = () => import.meta', 'f'],
    ['try { throw 1 } catch {} const f = Math.max', 'f'],
  ])('%s', async (source, value) => {
    const written = /= (\(\) => .*)$|((?:async )?(?:function|class)\b.*)$/s.exec(source);
    const text = value === 'A.prototype.m' ? 'm() { throw (1, 2) }' : (written?.[1] ?? written?.[2]);
    const expected = text ?? 'function max() { [native code] }';
    expect(await engine.result(`${source}\n;[String(${value}), \`\${${value}}\`, ${value}.toString()]`)).toEqual([
      expected,
      expected,
      expected,
    ]);
  });

  test('toString itself is a method like any built-in', async () => {
    const source = `try { throw 1 } catch {}
      const { toString } = Function.prototype;
      const { value, ...flags } = Object.getOwnPropertyDescriptor(Function.prototype, 'toString');
      let refused;
      try { toString.call({}) } catch (error) { refused = String(error) }
      [String(toString), toString.name, toString.length, 'prototype' in toString, flags, refused]`;
    expect(await engine.result(source)).toEqual([
      'function toString() { [native code] }',
      'toString',
      0,
      false,
      { writable: true, enumerable: false, configurable: true },
      "TypeError: Function.prototype.toString requires that 'this' be a Function",
    ]);
  });
});

test.each([
  ['var await = (x) => x + 1; await (1)', 2],
  ['function await(x) { return x }\nawait (5)', 5],
  ['function* await() { yield 7 } await ().next().value', 7],
])('a script may call what it has named `await`: %s', async (source, expected) => {
  expect(await engine.result(source)).toBe(expected);
});

test.each([
  ['Error.stackTraceLimit = 0;\nthrow new Error("x")', 'Error: x', '2:7'],
  ['Error.stackTraceLimit = 0;\nconst f = () => { throw new Error("x") };\nf()', 'Error: x', '2:25'],
  ['delete Error.stackTraceLimit;\nthrow TypeError("x")', 'TypeError: x', '2:7'],
  ['throw Object.create(Error.prototype, { message: { value: "x" } })', 'Error: x', '1:7'],
  ['const e = new Error("m");\ne.stack = "mine";\nthrow e', 'Error: m', '3:7'],
  ['const e = new Error("m");\ne.stack = undefined;\nawait 0;\nthrow e', 'Error: m', '4:7'],
  ['throw new Proxy(new Error("p"), {})', 'Error: p', '1:7'],
  [
    'function Old(m) { this.message = m }\nOld.prototype = Object.create(Error.prototype);\nthrow new Old("o")',
    'Error: o',
    '3:7',
  ],
  ['let a;\nthrow a = 1, "b"', "Uncaught 'b'", '2:7'],
  ['let a;\nthrow a = new Error("c"), a.x = 1, a', 'Error: c', '2:11'],
  ['await 0;\nthrow -0', 'Uncaught -0', '2:7'],
  ['await 0;\nawait import("./none.js")', /^TypeError: Cannot import '.\/none.js'/, '2:7'],
  ['const f = async () => {\n  await import("none");\n};\nawait f()', /^TypeError: Cannot import 'none'/, '2:9'],
])('what has no frames of its own has the place where it is thrown: %s', async (source, message, place) => {
  const { error } = await engine.run(source);
  expect(error?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  expect(`${error?.line}:${error?.column}`).toBe(place);
});

describe('no name of instrumentation is told', () => {
  test.each([
    ['import("x").foo()', 'import(...).foo is not a function'],
    ['import("x")()', 'import(...) is not a function'],
    ['new (import("x").foo)()', 'import(...).foo is not a constructor'],
    ['import.meta.resolve("x")', 'import.meta.resolve is not a function'],
  ])('to the script itself: %s', async (source, message) => {
    const { result } = await engine.run(
      `let told; try { ${source} } catch (error) { told = [error.message, error.stack] } told`,
    );
    const [told, stack] = result as [string, string];
    // A reader does not see the joiner that tells the name from the word.
    expect(told.replaceAll('\u200d', '')).toBe(message);
    expect(stack).not.toContain('__copepod');
  });

  test.each([
    ['the name itself', 'const import\u200d = 1; import("x").catch(() => {}); import\u200d'],
    ['the name with an escape', 'const import\\u200d = 1; import("x").catch(() => {}); import\\u{200d}'],
  ])('nor does it meet a name of the source: %s', async (_, source) => {
    expect(await engine.run(source)).toMatchObject({ result: 1 });
  });

  test.each([
    ['import.meta.resolve("x")', 'TypeError: import.meta.resolve is not a function'],
    ['import("x").then.call', undefined],
    ['import("x").foo()', 'TypeError: import(...).foo is not a function'],
    ['await new Promise((resolve) => nope)', 'ReferenceError: nope is not defined'],
    ['await 0; ({ a: { b: function () { nope } } }).a.b()', 'ReferenceError: nope is not defined'],
    ['await 0; (async () => { await 0; nope })()', 'ReferenceError: nope is not defined'],
  ])('%s', async (source, message) => {
    const { error } = await engine.run(source);
    if (message !== undefined) expect(error?.message).toBe(message);
    expect(JSON.stringify({ ...error, message: error?.message, stack: error?.stack })).not.toContain('__copepod');
  });
});
