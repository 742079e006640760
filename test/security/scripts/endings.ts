import { gets, type ScriptCase, throws } from './script-case.ts';

/** Results and errors that are made to hurt whoever touches them. */
export const ENDINGS: readonly ScriptCase[] = [
  throws(
    'a revoked proxy as its result',
    /revoked/,
    'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy',
  ),
  throws(
    'a revoked proxy as its error',
    'Uncaught',
    'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
  ),
  throws(
    'a revoked proxy as its error\u2019s cause',
    'm',
    'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw new Error("m", { cause: proxy })',
  ),
  throws(
    'a proxy of an error',
    '',
    'throw new Proxy(new Error("m"), { get() { throw 1 }, has() { throw 2 }, getPrototypeOf() { throw 3 } })',
  ),
  throws(
    'an error with traps for all',
    'Uncaught',
    'const traps = new Proxy({}, { get: (t, name) => (...args) => { globalThis.leaked = args; throw new Error(name) } }); throw new Proxy({}, traps)',
  ),
  throws(
    'an error with getters that throw',
    '',
    'const e = new Error("m"); for (const k of ["name", "message", "stack", "cause"]) Object.defineProperty(e, k, { get() { throw e } }); throw e',
  ),
  throws(
    'an error with getters that give proxies',
    '',
    'const e = new Error("m"); for (const k of ["name", "message", "stack", "cause"]) Object.defineProperty(e, k, { get: () => new Proxy(e, {}) }); throw e',
  ),
  throws('an error that is its own cause', 'm', 'const e = new Error("m"); e.cause = e; throw e'),
  throws(
    'an aggregate of itself',
    'm',
    'const e = new AggregateError([], "m"); e.errors.push(e); e.cause = e; throw e',
  ),
  throws('a frozen error', 'm', 'throw Object.freeze(new Error("m"))'),
  throws('null', 'Uncaught null', 'throw null'),
  throws('undefined', 'Uncaught undefined', 'throw undefined'),
  throws('a function', /Uncaught/, 'throw function f() {}'),
  throws('a symbol', 'Uncaught Symbol(s)', 'throw Symbol("s")'),
  throws('an object without a prototype', 'Uncaught', 'throw Object.create(null)'),
  throws(
    'an object that cannot be inspected',
    'Uncaught',
    'throw { [Symbol.for("nodejs.util.inspect.custom")]() { throw 1 } }',
  ),
  throws(
    'a stack of its own making',
    'm',
    'throw Object.assign(new Error("m"), { stack: "    at f (script.js:99999999999999999999:1)" })',
  ),
  throws('a stack that is no text', 'm', 'throw Object.assign(new Error("m"), { stack: { split() { throw 1 } } })'),
  throws(
    'a stack of bad positions',
    'm',
    'throw Object.assign(new Error("m"), { stack: "    at (script.js:-1:0)\\n    at f (script.js:0:0)\\n    at script.js:1:99999999" })',
  ),
  throws('text that no store takes', /^Error: a\0b\ufffd$/, 'throw new Error("a\\0b\\ud800")'),
  throws('a bigint as its result', /BigInt/, '1n'),
  throws('a function as its result', /function/, '() => 1'),
  throws('a symbol as its result', /symbol/, 'Symbol()'),
  throws('a circle as its result', /circular/i, 'const o = {}; o.o = o; o'),
  throws('a result that throws as it is converted', 'm', '({ toJSON() { throw new Error("m") } })'),
  throws('a result whose getter throws', 'm', '({ get a() { throw new Error("m") } })'),
  throws('a result whose keys throw', 'm', 'new Proxy({}, { ownKeys() { throw new Error("m") } })'),
  throws(
    'a default export that throws as it is called',
    'm',
    'export default new Proxy(() => {}, { apply() { throw new Error("m") } })',
  ),
  throws('a class as its default export', /class constructor/i, 'export default class { constructor() { return {} } }'),
  throws('a thenable that throws', 'm', 'export default { get then() { throw new Error("m") } }'),
  throws('a result that nests deeply', /nests deeper/, 'let o = 1; for (let i = 0; i < 200; i++) o = [o]; o'),
  throws(
    'a result that nests very deeply',
    /nests deeper|call stack/,
    'let o = 1; for (let i = 0; i < 5_000; i++) o = { o }; o',
  ),
  gets(
    'keys that are prototypes elsewhere',
    { constructor: 1, prototype: 2, toString: 3 },
    '({ constructor: 1, prototype: 2, toString: 3 })',
  ),
  gets('text that no store takes, as its result', { 'a\0': 'b\ufffd\u2028' }, '({ "a\\0": "b\\ud800\\u2028" })'),
  gets(
    'a thenable that answers twice',
    1,
    'export default { then(resolve, reject) { resolve(1); resolve(2); reject(3); throw 4 } }',
  ),
  gets('a result that changes as it is read', [0, 1], 'let n = 0; const o = { toJSON: () => n++ }; [o, o]'),
  gets(
    'a proxy for an array',
    [7, 7],
    'new Proxy([], { get: (t, k) => (k === "length" ? 2 : k === "0" || k === "1" ? 7 : undefined) })',
  ),
  gets('an error as its result', {}, 'new Error("m")'),
  throws('a result and a rejection that nobody handles', 'Error: m', 'Promise.reject(new Error("m")); 1'),
  throws(
    'a rejection that nobody handles while the host answers',
    'RangeError: n',
    'const a = await ask(1); Promise.reject(new RangeError("n")); [a, await ask(2)]',
  ),
  throws('an endless array as its result', 'RangeError', 'const a = []; a.length = 2 ** 32 - 1; a'),
  throws(
    'an endless proxy as its result',
    'RangeError',
    'new Proxy([], { get: (t, k) => (k === "length" ? 2 ** 32 - 1 : 0) })',
  ),
];
