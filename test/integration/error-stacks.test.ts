import { describe, expect, test } from '@jest/globals';
import type { ErrorCause } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

describe('stacks', () => {
  test('have frames of the script only', async () => {
    const source = 'function inner() {\n  throw new Error("x");\n}\nconst outer = () => inner();\n[1].map(outer);';
    const { error } = await engine.run(source, { name: 'price.js' });
    expect(error?.stack).toBe(
      [
        'Error: x',
        '    at inner (price.js:2:9)',
        '    at outer (price.js:4:21)',
        '    at Array.map (<anonymous>)',
        '    at price.js:5:5',
      ].join('\n'),
    );
  });

  test('are the same whatever a script has done to built-ins', async () => {
    const tampered = [
      'WeakMap.prototype.get = WeakMap.prototype.set = () => { throw 1; }; globalThis.WeakMap = undefined;',
      'Object.prototype.get = Object.prototype.value = () => { throw 2; };',
      'throw new Error("x");',
    ];
    const { error } = await engine.run(tampered.join('\n'));
    expect(error?.stack).toBe('Error: x\n    at script.js:3:7');
  });

  test('include frames across awaits', async () => {
    const source =
      'async function inner() {\n  await null;\n  throw new Error("x");\n}\nasync function outer() {\n  await inner();\n}\nawait outer();';
    const { error } = await engine.run(source);
    expect(error?.stack).toBe(
      [
        'Error: x',
        '    at inner (script.js:3:9)',
        '    at async outer (script.js:6:3)',
        '    at async script.js:8:1',
      ].join('\n'),
    );
  });

  test('of an object that is no Error are those of the stack that it has', async () => {
    const made = 'const made = () => {\n  const { stack } = new Error("made");\n  return { code: 7, stack };\n};\n';
    const { error } = await engine.run(`${made}await Promise.reject(made());`);
    expect(error).toMatchObject({ line: 2, column: 21, message: expect.stringMatching(/^Uncaught \{ code: 7, /) });
    expect(error?.stack).toMatch(/\n {4}at made \(script\.js:2:21\)\n {4}at script\.js:5:22$/);
  });

  test.each([
    ['no text', '5'],
    ['a text without frames', '"somewhere"'],
    ['frames of other files', '"Error\\n    at other (other.js:1:1)"'],
    ['a getter that throws', 'undefined, get stack() { throw 1 }'],
  ])('an object whose stack is %s has no place but that of its rejection', async (_, stack) => {
    const { error } = await engine.run(`await Promise.reject({ code: 7, stack: ${stack} });`);
    expect(error).toMatchObject({ line: 1, column: 22, message: expect.stringMatching(/^Uncaught /) });
  });

  test('of a module have no generated frames', async () => {
    const { error } = await engine.run('export default () => {\n  null.x;\n};');
    expect(error?.stack).toBe(
      "TypeError: Cannot read properties of null (reading 'x')\n    at default (script.js:2:8)",
    );
  });

  test('are the same when the script reads them', async () => {
    const source = 'const f = () => new Error("x").stack;\nf()';
    expect(await engine.result(source)).toBe('Error: x\n    at f (script.js:1:17)\n    at script.js:2:1');
  });

  test('are truncated if they are long', async () => {
    const { error } = await engine.run(
      'Error.stackTraceLimit = 1000; const f = (n) => { if (n) f(n - 1); else throw new Error("x") }; f(500)',
    );
    expect(error?.stack?.split('\n').length).toBeGreaterThan(10);
    expect(error?.stack?.split('\n').length).toBeLessThan(30);
  });
});

describe('causes', () => {
  const depthOf = (cause: ErrorCause | undefined): number => (cause === undefined ? 0 : 1 + depthOf(cause.cause));

  test('are kept with their stacks', async () => {
    const source = 'try {\n  null.x\n} catch (cause) {\n  throw new Error("outer", { cause })\n}';
    const { error } = await engine.run(source);
    expect(error).toMatchObject({
      message: 'Error: outer',
      line: 4,
      cause: { message: "TypeError: Cannot read properties of null (reading 'x')", stack: '    at script.js:2:8' },
    });
  });

  test('may be any value', async () => {
    const { error } = await engine.run('throw new Error("x", { cause: { code: 5 } })');
    expect(error?.cause).toMatchObject({ message: expect.stringContaining('{ code: 5 }') });
    expect((await engine.run('throw new Error("x", { cause: null })')).error?.cause).toMatchObject({
      message: expect.stringContaining('null'),
    });
  });

  test('are truncated if cyclic', async () => {
    const { error } = await engine.run('const e = new Error("x"); e.cause = e; throw e');
    expect(depthOf(error?.cause as ErrorCause)).toBeGreaterThan(2);
    expect(depthOf(error?.cause as ErrorCause)).toBeLessThan(10);
  });
});

describe('an unhandled rejection', () => {
  test.each<[string, string, number, number]>([
    ['of a promise', 'Promise.reject(new Error("lost")); 1', 1, 16],
    ['of an async function', 'async function audit() { throw new Error("lost") }\naudit();\n"done"', 1, 32],
    ['in a module', 'const audit = async () => {\n  throw new Error("lost");\n};\naudit();\nexport default 1', 2, 9],
    ['behind an await', 'await null;\nPromise.reject(new Error("lost"));\n"done"', 2, 16],
  ])('%s ends the execution as a RuntimeError with its position', async (_, source, line, column) => {
    const outcome = await engine.run(source);
    expect(outcome).toMatchObject({ reason: 'RuntimeError', error: { message: 'Error: lost', line, column } });
    expect(outcome.result).toBeUndefined();
  });

  test.each([
    ['Promise.reject({ code: 2 });\n1', 'Uncaught { code: 2 }', '1:16'],
    ['let p = Promise;\np.reject?.(["a"]);', "Uncaught [ 'a' ]", '2:12'],
    ['new Promise((a, b) => {\n  b({ message: "m" });\n});', "Uncaught { message: 'm' }", '2:5'],
    ['new Promise(async function f(_, no) { await 0; no(/* why */ (1, { a: 1 })) });\n1', 'Uncaught { a: 1 }', '1:62'],
    ['const { reject } = Promise.withResolvers();\nreject(Symbol("s"))', 'Uncaught Symbol(s)', '2:8'],
    ['const e = new Error("m");\ne.stack = "mine";\nPromise.reject(e); 1', 'Error: m', '3:16'],
    ['reportError({ a: 1 }); 1', 'Uncaught { a: 1 }', '1:1'],
    ['queueMicrotask(() => { throw { q: 1 } }); 1', 'Uncaught { q: 1 }', '1:30'],
  ])('with an object that is no Error has its text and place: %s', async (source, message, place) => {
    const { error } = await engine.run(source);
    expect({ message: error?.message, place: `${error?.line}:${error?.column}` }).toEqual({ message, place });
  });

  test.each([
    [
      'before it',
      'async function f() { throw { code: 1 } }\nawait f().catch(() => {});\nPromise.reject({ code: 2 }); 1',
    ],
    ['behind it', 'async function f() { throw { code: 1 } }\nPromise.reject({ code: 2 }); f().catch(() => {}); 1'],
  ])('is not given the text or place of another object, handled %s', async (_, source) => {
    const { error } = await engine.run(source);
    expect(error).toMatchObject({ message: 'Uncaught object', line: undefined });
  });

  test('is none if it is handled before the script yields', async () => {
    expect(await engine.result('const p = Promise.reject(1); p.catch(() => {}); 5')).toBe(5);
  });

  test('a promise that can never settle is a TimeoutError at once', async () => {
    const outcome = await engine.run('await new Promise(() => {})');
    expect(outcome).toMatchObject({ reason: 'TimeoutExceeded', error: { type: 'TimeoutError', retryable: true } });
    expect(outcome.usage.wallMilliseconds).toBeLessThan(10_000);
  });
});
