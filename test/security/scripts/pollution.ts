import { ended, gets, type ScriptCase, throws } from './script-case.ts';

/** Changes to what the guest's own code might use after the script has run, or while it does. */
export const POLLUTION: readonly ScriptCase[] = [
  gets('to forge its result through JSON', { a: 1 }, 'JSON.stringify = () => "forged"; ({ a: 1 })'),
  gets('to do without JSON', { a: 1 }, 'delete globalThis.JSON; ({ a: 1 })'),
  gets('to read the answers of the host through JSON', { a: 1 }, 'JSON.parse = () => "forged"; await ask({ a: 1 })'),
  gets(
    'to change calls of the host through Reflect',
    1,
    'Reflect.apply = Reflect.construct = () => "forged"; await ask(1)',
  ),
  gets(
    'to replace Promise',
    1,
    'const real = ask(1); globalThis.Promise = class { constructor() { throw 1 } static resolve() { throw 2 } }; await ask(1)',
  ),
  gets(
    'to break Promise',
    1,
    'const real = Promise.prototype.then; Promise.resolve = Promise.reject = () => { throw 1 }; await ask(1)',
  ),
  gets(
    'to break Object',
    { a: [1] },
    'for (const k of Object.getOwnPropertyNames(Object)) try { Object[k] = () => { throw 1 } } catch {} await ask({ a: [1] })',
  ),
  gets('to break Symbol.iterator', [1, 2], 'Array.prototype[Symbol.iterator] = () => { throw 1 }; await ask([1, 2])'),
  gets(
    'to catch elements as they are set',
    [[1], 0],
    'let caught = 0; for (const i of [0, 1, 2]) Object.defineProperty(Array.prototype, i, { set() { caught++ }, configurable: true }); const got = await ask([1]); for (const i of [0, 1, 2]) delete Array.prototype[i]; [got, caught]',
  ),
  gets(
    'to catch properties as they are set',
    0,
    'let caught = 0; for (const k of ["resolve", "reject", "message", "stack", "op", "then"]) Object.defineProperty(Object.prototype, k, { set() { caught++ }, get() {}, configurable: true }); await ask(1); caught',
  ),
  gets(
    'to change property descriptors',
    1,
    'Object.prototype.get = () => "forged"; Object.prototype.writable = true; await ask(1)',
  ),
  gets(
    'to change property descriptors of errors',
    "Error: host function 'fail' failed",
    'Object.prototype.get = Object.prototype.set = () => 1; try { await fail() } catch (e) { String(e) }',
  ),
  gets(
    'to forge the answers of the host by an iterator',
    1,
    'const proto = Object.getPrototypeOf([][Symbol.iterator]()); const { next } = proto; proto.next = function () { const r = next.call(this); if (r.value === "1") r.value = "2"; return r }; await ask(1)',
  ),
  gets(
    'to turn answers of the host into thenables',
    'stolen',
    'Object.prototype.then = function (resolve) { delete Object.prototype.then; resolve("stolen") }; await ask({ a: 1 })',
  ),
  gets(
    'to turn its result into a thenable',
    'stolen',
    'export default () => { Object.prototype.then = function (resolve) { delete Object.prototype.then; resolve("stolen") }; return { a: 1 } }',
  ),
  gets(
    'to change conversion to JSON',
    [1],
    'Object.prototype.toJSON = function () { return Array.isArray(this) ? [1] : "x" }; [2]',
  ),
  gets(
    'to unsettle strings',
    'ab',
    'String.prototype.toJSON = String.prototype.toString = String.prototype.valueOf = () => "forged"; "ab"',
  ),
  gets(
    'to freeze the world',
    1,
    'for (const k of Reflect.ownKeys(globalThis)) try { Object.freeze(globalThis[k]); Object.freeze(globalThis[k].prototype) } catch {} Object.preventExtensions(globalThis); await ask(1)',
  ),
  gets(
    'to empty the world',
    1,
    'for (const k of Reflect.ownKeys(globalThis)) try { if (k !== "ask") delete globalThis[k] } catch {} await ask(1)',
  ),
  gets(
    'to put a proxy under the world',
    1,
    'try { Object.setPrototypeOf(Object.prototype, new Proxy({}, { get() { throw 1 }, has() { throw 2 } })) } catch {} try { Object.setPrototypeOf(globalThis, new Proxy({}, { get() { throw 1 } })) } catch {} 1',
  ),
  gets('to do without console', 1, 'console.log("before"); delete globalThis.console; 1'),
  gets(
    'to give console no array methods',
    1,
    'for (const k of Object.getOwnPropertyNames(Array.prototype)) if (k !== "constructor") try { Array.prototype[k] = () => { throw 1 } } catch {} try { console.log([1], { a: 1 }) } catch {} 1',
  ),
  gets(
    'to make console say what is no string',
    1,
    'String.prototype.slice = () => ({}); Array.prototype.join = () => ({ length: 1e9 }); RegExp.prototype.exec = () => null; try { console.log({ a: 1 }, [1], "%o", Symbol()) } catch {} try { console.table([{ a: 1 }]) } catch {} 1',
  ),
  gets(
    'to let console loop for itself',
    2,
    'let n = 0; console.log({ get [Symbol.toStringTag]() { if (n++ < 3) console.log(this); return "x" } }); Math.min(n, 2)',
  ),
  gets(
    'to let formats convert for it',
    1,
    'try { console.log("%d %i %f %s %o %j", { valueOf() { throw 1 } }, { [Symbol.toPrimitive]() { return Symbol() } }) } catch {} 1',
  ),
  gets(
    'an argument that throws as it is converted',
    'caught',
    'try { await ask({ toJSON() { throw "caught" } }) } catch (e) { e }',
  ),
  gets('an argument that converts to nothing', null, 'await ask(undefined, () => {}, Symbol())'),
  gets(
    'an argument with a circle',
    'TypeError',
    'const o = {}; o.o = o; try { await ask(o) } catch (e) { e.constructor.name }',
  ),
  gets(
    'an argument with __proto__',
    { polluted: false, own: ['__proto__'] },
    'const got = await ask(JSON.parse("{\\"__proto__\\": {\\"polluted\\": 1}}")); ({ polluted: "polluted" in got, own: Object.keys(got) })',
  ),
  gets('arguments without end', 'caught', 'try { await ask(...Array(3e5).fill(1)) } catch { "caught" }'),
  gets(
    'arguments that nest without end',
    'survived',
    'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; try { await ask(a) } catch {} "survived"',
  ),
  gets(
    'another call while its arguments are converted',
    [1, { b: 2 }],
    'let inner; const outer = await ask({ toJSON() { inner = ask({ b: 2 }); return 1 } }); [outer, await inner]',
  ),
  throws(
    'to break Error',
    /^(Error: )?m$/,
    'const E = Error; globalThis.Error = class { constructor() { throw 1 } }; throw new E("m")',
  ),
  throws(
    'to break the description of errors',
    'm',
    'for (const k of ["toString", "message", "name"]) Object.defineProperty(Error.prototype, k, { get() { throw 1 } }); throw new Error("m")',
  ),
  throws(
    'an Error that knows no instance',
    'm',
    'Object.defineProperty(Error, Symbol.hasInstance, { value: () => { throw 1 } }); throw new TypeError("m")',
  ),
  throws(
    'stack traces without a limit',
    'm',
    'Error.stackTraceLimit = Infinity; const f = (n) => { if (n === 0) throw new Error("m"); f(n - 1) }; f(2000)',
  ),
  throws(
    'a stack trace limit that throws',
    'm',
    'Object.defineProperty(Error, "stackTraceLimit", { get() { throw 1 } }); throw new Error("m")',
  ),
  throws('no stack traces', 'm', 'delete Error.prepareStackTrace; delete Error.stackTraceLimit; throw new Error("m")'),
  throws(
    'stack traces that throw',
    'm',
    'Error.prepareStackTrace = () => { throw new Error("inner") }; throw new Error("m")',
  ),
  throws('stack traces that are objects', 'm', 'Error.prepareStackTrace = (e, sites) => sites; throw new Error("m")'),
  throws(
    'stack traces that recurse',
    'm',
    'Error.prepareStackTrace = () => new Error("inner").stack; throw new Error("m")',
  ),
  throws(
    'conversion to JSON that says nothing',
    'm',
    'Object.prototype.toJSON = () => undefined; throw new Error("m")',
  ),
  throws(
    'conversion to JSON that lies',
    'm',
    'Object.prototype.toJSON = () => ({ message: { toString: 1 }, stack: 1, cause: 1 }); throw new Error("m")',
  ),
  throws('conversion to JSON that throws', 'm', 'Object.prototype.toJSON = () => { throw 1 }; throw new Error("m")'),
  ended('a thenable that is its own value', 'CPUTimeExceeded', 'const t = { then(resolve) { resolve(t) } }; await t'),
];
