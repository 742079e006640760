import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { LogLine } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

/** Output of Node's console for these arguments. */
const nodePrints = (args: string): string => format(...runInNewContext(`[${args}]`));

function nodeTable(args: string): string {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  new Console({ stdout }).table(...(runInNewContext(`[${args}]`) as [unknown]));
  return text.trimEnd();
}

async function logged(source: string): Promise<string | undefined> {
  const { logs, error } = await engine.run(source);
  expect(error).toBeUndefined();
  return logs[0]?.message;
}

describe('a line is formatted as in Node', () => {
  test.each([
    '',
    '"a"',
    '"a", "b"',
    '1, -0, 1.5, NaN, Infinity, 1e21',
    'true, null, undefined',
    '10n',
    'Symbol("s")',
    'Symbol()',
    '"a", Symbol("s")',
    '"multi\\nline"',
    '["multi\\nline", "it\'s"]',
    // format strings
    '"%s is %d", "x", 4.5',
    '"%i %f", "3.7", "2.5"',
    '"%j", { a: 1 }',
    '"%o", [1, { a: 2 }]',
    '"%O", { a: { b: { c: { d: 1 } } } }',
    '"%c styled", "color: red"',
    '"%s", { a: { b: { c: 1 } } }',
    '"%s", null',
    '"%s", -0',
    '"%s", 5n',
    '"%d", 5n',
    '"%d", "0x10"',
    '"%d", {}',
    '"%s", Symbol("x")',
    '"%s", () => 1',
    '"%s", class A { }',
    '"%s", new Date(0)',
    '"%s"',
    '"%x", 1',
    '"%%", 1',
    '"%%"',
    '"100%", 5',
    '"%s", "a", "b", { c: 1 }',
    '1, "%s", 2',
    '{}, "%s", 2',
    // objects
    '{ a: 1, b: "x" }',
    '{ a: { b: { c: { d: 1 } } } }',
    '{ "a-b": 1, 2: 3, [Symbol("k")]: 4 }',
    '{ a: undefined, b: null }',
    '{ get a() { return 1 }, set b(v) { }, get c() { return 1 }, set c(v) { } }',
    '{ a() { }, b: () => { }, c: class { }, async d() { } }',
    'Object.create(null)',
    'Object.create({ inherited: 1 })',
    'Object.freeze({ a: 1 })',
    '(() => { const a = { b: {} }; a.b.a = a; return a })()',
    // lists
    '[1, 2, 3]',
    '[]',
    '[[1, [2, [3, [4]]]]]',
    '[1, , 3]',
    'new Array(5)',
    'Object.assign([1, 2], { x: 1 })',
    'Array.from({ length: 150 }, (_, i) => i)',
    '["x".repeat(200)]',
    '[undefined, null, -0]',
    '[{ a: 1, b: { c: 2 } }, [3]]',
    'Array.from({ length: 30 }, (_, i) => ({ index: i }))',
    // built-ins
    'new Map([[1, { a: 2 }], ["k", [1]]])',
    'new Set([1, "a", {}])',
    'new WeakMap()',
    'new WeakSet()',
    'new Date(0)',
    'new Date(NaN)',
    '/re/gi',
    'new Uint8Array(3)',
    'new Float64Array([1.5])',
    'new Float16Array([1.5, -0])',
    'new (class F extends Float16Array { })(2)',
    'new ArrayBuffer(2)',
    'new DataView(new ArrayBuffer(1))',
    'Object(1), Object("s"), Object(true), Object(5n), Object(Symbol("s"))',
    'JSON, Math',
    'Promise.prototype',
    // functions and classes
    '() => 1',
    'function named() { }',
    'async () => 1',
    'function* generator() { }',
    'async function* both() { }',
    'class A { }',
    'class B extends Array { }',
    'Object.assign(() => { }, { a: 1 })',
    'new (class Foo { x = 1; #y = 2 })()',
    'new (class Bar extends Map { })([[1, 2]])',
    'new (class { })()',
    '[new (class Foo { })()]',
    '{ toString() { return "own" } }',
    '{ [Symbol.toStringTag]: "Tagged", a: 1 }',
    'Object.setPrototypeOf(new Map([[1, 2]]), null), Object.setPrototypeOf(new Set([1]), null)',
    'Temporal.PlainDate.from("2020-01-01"), [new Intl.NumberFormat("en")]',
    'new (class AB { get [Symbol.toStringTag]() { return "A" } })()',
    'new (class A { get [Symbol.toStringTag]() { return "x.A" } })()',
    // text
    '"ä€😀"',
    '["ä€😀\\u0000\\u001b"]',
    '"x".repeat(5000)',
  ])('console.log(%s)', async (args) => {
    expect(await logged(`console.log(${args})`)).toBe(nodePrints(args));
  });

  const THROWS = 'new Proxy({}, { get() { return () => { throw new Error("a trap is called") } } })';

  test.each([
    ['new Proxy({ a: 1 }, {})', '{ a: 1 }'],
    [
      'new Proxy({ id: 7 }, { get(target, key) { if (!(key in target)) throw new Error("strict"); return target[key] } })',
      '{ id: 7 }',
    ],
    [`new Proxy({ id: 7 }, ${THROWS})`, '{ id: 7 }'],
    [`new Proxy(new Proxy({ id: 7 }, ${THROWS}), ${THROWS})`, '{ id: 7 }'],
    [`[new Proxy([1, 2], ${THROWS}), { a: new Proxy(class A { }, ${THROWS}) }]`, '[ [ 1, 2 ], { a: [class A] } ]'],
    ['new Proxy(new Map([[1, 2]]), {})', 'Map(1) { 1 => 2 }'],
    ['new Proxy(new Set([1]), {}), new Proxy(new Date(0), {})', 'Set(1) { 1 } 1970-01-01T00:00:00.000Z'],
    ['new Proxy(new Uint8Array(2), {}), new Proxy(/a/g, {})', 'Uint8Array(2) [ 0, 0 ] /a/g'],
    ['new Proxy(function f() { }, {})', '[Function: f]'],
    ['new Proxy(new (class Foo { x = 1 })(), {})', 'Foo { x: 1 }'],
    [
      `"%s|%o|%j", new Proxy({ a: 1 }, {}), new Proxy({ b: 1 }, {}), new Proxy({ c: 1 }, {})`,
      '{ a: 1 }|Proxy [ { b: 1 }, {} ]|{"c":1}',
    ],
    [
      '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return [proxy] })()',
      '[ <Revoked Proxy> ]',
    ],
  ])('a proxy is printed as its target, and none of its traps is called: %s', async (value, expected) => {
    expect(await logged(`console.log(${value})`)).toBe(expected);
  });

  test('what looks behind proxies is nothing that a script can write', async () => {
    for (const source of ['eval("%IsJSProxy({})")', 'new Function("return %JSProxyGetTarget(new Proxy({}, {}))")()']) {
      const { error } = await engine.run(`console.log(new Proxy({}, {}));\n${source}`);
      expect(error?.message).toBe("SyntaxError: Unexpected token '%'");
    }
  });

  test('a proxy that is thrown is shown as its target', async () => {
    const { error } = await engine.run(`throw new Proxy({ a: 1 }, ${THROWS})`);
    expect(error?.message).toBe('Uncaught { a: 1 }');
  });

  test('an error is printed with the stack of the script', async () => {
    expect(await logged('console.log(new TypeError("x"))')).toBe('TypeError: x\n    at script.js:1:13');
    expect(await logged('console.log("failed:", new Error("x"))')).toBe('failed: Error: x\n    at script.js:1:24');
  });

  test('causes and the errors of an AggregateError are printed', async () => {
    const line = await logged(
      'console.log(new Error("a", { cause: new Error("b") }), new AggregateError([new Error("c")], "d"))',
    );
    for (const text of ['Error: a', '[cause]: Error: b', 'AggregateError: d', '[errors]', 'Error: c'])
      expect(line).toContain(text);
  });

  test.each([
    ['new (class Shop extends EventTarget { items = 1 })()', 'Shop {}'],
    ['[new (class Kept extends Headers { })({ a: "b" })]', "[ Kept { a: 'b' } ]"],
    ['{ a: { b: { c: new (class Part extends Blob { })() } } }', '{ a: { b: { c: [Part] } } }'],
    ['Object.assign(new Headers(), { constructor: null })', 'Headers {}'],
    ['Object.create(Headers.prototype, { constructor: { get() { throw 1 } } })', 'Headers {}'],
  ])('an object of the platform is printed with the name of its class: %s', async (value, expected) => {
    expect(await logged(`console.log(${value})`)).toBe(expected);
  });

  test('a line is truncated to 8192 characters', async () => {
    expect(await logged('console.log("x".repeat(10_000))')).toBe('x'.repeat(8192));
  });
});

describe('console.table prints the same as Node', () => {
  test.each([
    '[[1, 2], [3, 4]]',
    '[{ a: 1, b: "x" }, { a: 2, c: true }]',
    '[1, "a", null, undefined]',
    '{ a: { x: 1 }, b: { x: 2 } }',
    '{ a: 1, b: "x" }',
    'new Map([["a", 1], ["b", { c: 2 }]])',
    'new Map([[{ a: 1 }, "x"]])',
    'new Set(["x", { y: 1 }])',
    '5',
    '"text"',
    'null',
    'undefined',
    '[]',
    '{}',
    '[[]]',
    '[{}]',
    '[{ a: 1, b: 2 }], ["b"]',
    '[{ a: 1, b: 2 }], ["c"]',
    '[{ a: 1 }, 5], ["a"]',
    '[{ a: { b: { c: 1 } } }]',
    '[{ a: [1, 2, 3, 4, 5] }]',
    '[[{ x: 1, y: 2, z: 3 }]]',
    '[{ a: { b: 1 } }, { a: { b: 1, c: 2, d: 3 } }]',
    '["ä", "日本", "😀"]',
    '[Symbol("a")]',
    '[() => 1]',
    '[{ a: 1 }, 5]',
    '[new Date(0)]',
    '[10n, -0]',
    'new Uint8Array([1, 2])',
    '[{ a: "multi\\nline" }]',
  ])('console.table(%s)', async (args) => {
    expect(await logged(`console.table(${args})`)).toBe(nodeTable(args));
  });
});

describe('other methods of the console', () => {
  const lines = async (source: string): Promise<string[]> => {
    const { logs, error } = await engine.run(source);
    expect(error).toBeUndefined();
    return logs.map(({ level, message }) => `${level} ${message}`);
  };

  test.each<[string, string[]]>([
    ['console.dir({ a: { b: {} } }, { depth: 0 })', ['info { a: [Object] }']],
    ['console.dirxml("x", 1)', ['info x 1']],
    ['console.log(console.log.name, console.warn.name, console.table.name)', ['info log warn table']],
    [
      'console.assert(1 === 1, "no"); console.assert(false); console.assert(0, "a %s", "b"); console.assert(0, { a: 1 }, 2)',
      ['error Assertion failed', 'error Assertion failed: a b', 'error Assertion failed { a: 1 } 2'],
    ],
    [
      'console.group("a"); console.log("b\\nc"); console.groupCollapsed(); console.warn("d"); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log("e")',
      ['info a', 'info   b\n  c', 'warn     d', 'info e'],
    ],
    [
      'console.count(); console.count("x"); console.count(); console.countReset(); console.count(); console.countReset("y")',
      ['info default: 1', 'info x: 1', 'info default: 2', 'info default: 1', "warn Count for 'y' does not exist"],
    ],
    [
      'console.timeEnd("t"); console.time("t"); console.time("t")',
      ["warn No such label 't' for console.timeEnd()", "warn Label 't' already exists for console.time()"],
    ],
    [
      'function f() {\n console.trace("here") }\nf()',
      ['error Trace: here\n    at f (script.js:2:10)\n    at script.js:3:1'],
    ],
  ])('%s', async (source, expected) => {
    expect(await lines(source)).toEqual(expected);
  });

  test('timers print whole milliseconds', async () => {
    const [log, end] = await lines('console.time(); console.timeLog(undefined, { a: 1 }); console.timeEnd()');
    expect(log).toMatch(/^info default: \d+ms \{ a: 1 \}$/);
    expect(end).toMatch(/^info default: \d+ms$/);
  });

  test.each([
    'console.log(new Proxy({ id: 7 }, { get(target, key) { if (!(key in target)) throw new Error("strict"); return target[key]; } }))',
    'console.dir({ get [Symbol.toStringTag]() { throw 1 } })',
    'console.log("%s", { toString() { throw 1 } })',
    'console.table(new Proxy([], { ownKeys() { throw 1 } }))',
    'console.group(Object.create(null))',
  ])('none of them throws: %s', async (source) => {
    const { reason } = await engine.run(`${source}; "went on"`);
    expect(reason).toBe('Completed');
  });

  test('a label that cannot be made a text throws, as in Node', async () => {
    const methods = ['count', 'countReset', 'time', 'timeLog', 'timeEnd'];
    const source = `${JSON.stringify(methods)}.map((name) => { try { console[name]({ toString() { throw new RangeError('no text') } }) } catch (e) { return e.name } })`;
    expect(await engine.result(source)).toEqual(methods.map(() => 'RangeError'));
  });

  test.each(['new Array(2_000_000).fill("x")', 'new Uint8Array(10_000_000)'])(
    'a long array is shown in part: %s',
    async (value) => {
      const { reason, logs } = await engine.run(`console.log(${value}); "done"`);
      expect(reason).toBe('Completed');
      expect(logs[0]?.message).toMatch(/more items\n?\s*\]$/);
    },
  );

  test('their lengths are 0, as in Node', async () => {
    const source = `['assert', 'count', 'countReset', 'dir', 'table', 'time', 'timeEnd', 'timeLog', 'log'].map((name) => console[name].length)`;
    expect(await engine.result(source)).toEqual(Array(9).fill(0));
  });
});

describe('logs', () => {
  test('each method has its level', async () => {
    const { logs } = await engine.run(
      'console.log("a"); console.info("b"); console.warn("c"); console.error("d"); console.debug("e"); console.table("f")',
    );
    expect(logs.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'info a',
      'info b',
      'warn c',
      'error d',
      'debug e',
      'info f',
    ]);
  });

  test('lines have the time at which they were logged', async () => {
    const before = Date.now();
    const { logs } = await engine.run(
      'console.log(1); for (const end = Date.now() + 20; Date.now() < end; ); console.log(2)',
    );
    const [first, second] = logs.map((line) => line.time.getTime()) as [number, number];
    expect(first).toBeGreaterThanOrEqual(before);
    expect(second - first).toBeGreaterThanOrEqual(19);
    expect(second).toBeLessThanOrEqual(Date.now());
  });

  test('keep their order in synchronous and asynchronous code', async () => {
    const source = 'for (let i = 0; i < 300; i++) { console.log(i); if (i % 50 === 0) await null }';
    const { logs } = await engine.run(source);
    expect(logs.map((line) => Number(line.message))).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  test('the last lines are kept, within the limit', async () => {
    const { logs, reason } = await engine.run('for (let i = 0; i < 5000; i++) console.log("line " + i)', {
      limits: { logsBytes: 200 },
    });
    expect(reason).toBe('Completed');
    expect(logs.length).toBeGreaterThan(10);
    const numbers = logs.map((line) => Number(line.message.slice(5)));
    expect(numbers).toEqual(Array.from({ length: logs.length }, (_, i) => 5000 - logs.length + i));
    expect(logs.reduce((sum, line) => sum + Buffer.byteLength(line.message), 0)).toBeLessThanOrEqual(200);
  });

  test('onLog receives all lines while the script runs, including those not kept', async () => {
    const seen: LogLine[] = [];
    const first = Promise.withResolvers<void>();
    const running = engine.run(
      'console.warn("first"); await ask(); for (let i = 0; i < 100; i++) console.log("xxxxxxxxxx")',
      {
        limits: { logsBytes: 50 },
        onLog: (line) => {
          seen.push(line);
          first.resolve();
        },
        setup: (host) => host.expose('ask', async () => first.promise.then(() => null)),
      },
    );
    const { logs } = await running;
    expect(seen[0]).toMatchObject({ level: 'warn', message: 'first' });
    expect(seen.length).toBe(101);
    expect(logs.length).toBeLessThan(6);
  });

  test('are kept when a script fails or is killed', async () => {
    expect(await engine.run('console.log("before"); throw 1')).toMatchObject({
      reason: 'RuntimeError',
      logs: [{ message: 'before' }],
    });
    expect(await engine.run('console.log("before"); for (;;);', { limits: { timeoutMs: 50 } })).toMatchObject({
      reason: 'TimeoutExceeded',
      logs: [{ message: 'before' }],
    });
  });

  test('characters that cannot be stored are replaced', async () => {
    expect(await logged('console.log("a\\0b\\ud800c")')).toBe('a\0b\ufffdc');
  });

  test('methods that a log cannot have exist and do nothing', async () => {
    const source = 'for (const m of ["clear", "profile", "profileEnd", "timeStamp"]) console[m](1)';
    expect(await engine.run(source)).toMatchObject({ reason: 'Completed', logs: [] });
  });

  test('methods can be passed around', async () => {
    expect(await logged('const { log } = console; [1].forEach((n) => log(n))')).toBe('1');
  });
});

describe('logging never throws', () => {
  test.each([
    ['a value whose text throws', 'console.error("%s", { toString() { throw 1 } })'],
    ['a function whose name throws', 'console.log(Object.defineProperty(() => {}, "name", { get() { throw 1 } }))'],
    ['a table with a getter that throws', 'console.table([{ get a() { throw 1 } }])'],
  ])('%s', async (_, source) => {
    const { reason, result, logs } = await engine.run(`${source};\n"done"`);
    expect({ reason, result, lines: logs.map(({ message }) => message) }).toEqual({
      reason: 'Completed',
      result: 'done',
      lines: ['[a value that cannot be shown]'],
    });
  });
});

describe('objects of the web platform are shown by what they say', () => {
  test.each([
    [
      'new URL("https://a.example/b?c#d")',
      /^URL \{[\s\S]*href: 'https:\/\/a\.example\/b\?c#d'[\s\S]*searchParams: URLSearchParams \{ c: '' \}/,
    ],
    ['new Headers([["b", "2"], ["A", "1"]])', /^Headers \{ a: '1', b: '2' \}$/],
    [
      'new Response("x", { status: 201 })',
      /^Response \{[\s\S]*status: 201,[\s\S]*headers: Headers \{ 'content-type': 'text\/plain;charset=UTF-8' \}/,
    ],
    ['[new Blob(["abc"], { type: "a/b" })]', /^\[ Blob \{ size: 3, type: 'a\/b' \} \]$/],
    ['new URLSearchParams("a=1&a=2&b=3")', /^URLSearchParams \{ a: \[ '1', '2' \], b: '3' \}$/],
    ['new DOMException("m", "AbortError")', /^DOMException \[AbortError\]: m/],
  ])('%s', async (value, expected) => {
    expect(await logged(`console.log(${value})`)).toMatch(expected);
  });
});
