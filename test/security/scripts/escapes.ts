import { gets, type ScriptCase, throws } from './script-case.ts';

/** What code made by a function of the host would see; made by one of the script's own, it sees nothing. */
const LOOK = '"return [typeof process, typeof require, typeof module, typeof Buffer].join()"';
const NOTHING = 'undefined,undefined,undefined,undefined';
const look = (tries: string, source: string): ScriptCase => gets(tries, NOTHING, source.replaceAll('LOOK', LOOK));

/** Ways out of other sandboxes (the issues of vm2 and of isolated-vm), and ways that others have tried. */
export const ESCAPES: readonly ScriptCase[] = [
  look('the constructor of this', 'this.constructor.constructor(LOOK)()'),
  look('the constructor of globalThis', 'globalThis.constructor.constructor(LOOK)()'),
  look('the constructor of its context', 'context.constructor.constructor(LOOK)()'),
  look('the constructor of a list in its context', 'context.user.permissions.constructor.constructor(LOOK)()'),
  look('the constructor of its params', 'params.constructor.constructor(LOOK)()'),
  look('the constructor of console', 'console.log.constructor(LOOK)()'),
  look('the constructor of a host function', 'await ask.constructor(LOOK)()'),
  look('the constructor of a promise of the host', 'ask(1).constructor.constructor(LOOK)()'),
  look('the constructor of what a host function gave', '(await ask({ a: 1 })).constructor.constructor(LOOK)()'),
  look(
    'the constructor of an error of the host',
    'try { await fail() } catch (e) { e.constructor.constructor(LOOK)() }',
  ),
  look(
    'the prototype of a host function',
    'Object.getOwnPropertyDescriptor(ask.__lookupGetter__("__proto__").call(ask), "constructor").value(LOOK)()',
  ),
  look(
    'the prototype of generators',
    'Object.getPrototypeOf(function* () {}).constructor(LOOK.replace("return", "yield"))().next().value',
  ),
  look(
    'the prototype of async generators',
    '(await Object.getPrototypeOf(async function* () {}).constructor(LOOK.replace("return", "yield"))().next()).value',
  ),
  look('indirect eval', '(0, eval)("(function () {" + LOOK + "})()")'),
  look(
    'a function whose parameters close its body',
    'try { Function("/*", "*/){")() } catch {} Function("a = 1", LOOK)()',
  ),
  look(
    'the error of a stack that runs out in a host function',
    'let found; const dig = () => { try { dig() } catch (e) { try { ask() } catch (f) { found ??= f } try { console.log({}) } catch (f) { found ??= f } found ??= e } }; dig(); found.constructor.constructor(LOOK)()',
  ),
  look(
    'the error of a stack that runs out in console',
    'let found; const dig = () => { try { dig() } catch { try { console.table([{ a: 1 }]) } catch (e) { found = e } } }; dig(); (found ?? Error()).constructor.constructor(LOOK)()',
  ),
  look(
    'an error that cannot be formatted',
    'const e = new Error("m"); e.name = Symbol("s"); let f = e; try { f = e.stack } catch (g) { f = g } f.constructor.constructor(LOOK)()',
  ),
  look(
    'what a thenable is called with',
    'let seen; await { then(resolve) { seen = resolve; resolve() } }; seen.constructor(LOOK)()',
  ),
  look('what a getter of the result is called on', 'globalThis.found = ask; found.constructor.constructor(LOOK)()'),
  look(
    'the receiver of an overridden call',
    'let self = ask; Function.prototype.call = Function.prototype.apply = Function.prototype.bind = function () { self = this }; await ask(1); console.log({ a: 1 }); self.constructor.constructor(LOOK)()',
  ),
  look(
    'the species of what the host calls with',
    'let made = ask; Object.defineProperty(Array, Symbol.species, { get() { made = this; return Array } }); await ask([1, [2]]); console.log([1, [2]]); made.constructor.constructor(LOOK)()',
  ),
  look(
    'the continuations of the host',
    'const { then } = Promise.prototype; const seen = []; Promise.prototype.then = function (a, b) { seen.push(a, b); return then.call(this, a, b) }; await ask(1); seen.filter(Boolean).map((f) => f.constructor(LOOK)()).find((s) => s !== "undefined,undefined,undefined,undefined") ?? Function(LOOK)()',
  ),
  look(
    'the constructor of a promise of the host, replaced',
    'const p = ask(1); let C; p.constructor = { [Symbol.species]: function (f) { C = f; f(() => {}, () => {}) } }; p.then(() => {}); C.constructor(LOOK)()',
  ),
  look(
    'what custom inspection is called with',
    'let found; console.log({ [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) { found = inspect ?? options ?? this; return "" } }); found.constructor.constructor(LOOK)()',
  ),
  look(
    'the built-ins that console uses',
    'const found = []; for (const C of [String, Array, RegExp, Map, Set, Object]) for (const k of Object.getOwnPropertyNames(C.prototype)) { const d = Object.getOwnPropertyDescriptor(C.prototype, k); if (typeof d.value === "function" && k !== "constructor") { const f = d.value; try { C.prototype[k] = function (...args) { if (found.length < 1000) found[found.length] = this; return Reflect.apply(f, this, args) } } catch {} } } try { console.log({ a: [1, /x/, new Map([[1, 2]])] }, "%s") } catch {} Function(LOOK)()',
  ),
  look('console.context', '(console.context?.("x") ?? console).log.constructor(LOOK)()'),
  look(
    'an accessor of the error that a rejection brings',
    'let seen; Object.defineProperty(Error.prototype, "message", { set(v) { seen = this }, configurable: true }); try { await fail() } catch (e) { seen = e } seen.constructor.constructor(LOOK)()',
  ),
  gets(
    'the caller of its code',
    [null, null],
    'function f() { return f.caller } [f(), (() => { try { return arguments.callee.caller } catch { return null } })()]',
  ),
  gets(
    'this and functions of frames',
    true,
    'let sites; Error.prepareStackTrace = (e, s) => { sites = s }; await 0; new Error().stack; const foreign = sites.filter((s) => !/script/.test(s.getFileName())); foreign.every((s) => s.getFunction() === undefined && s.getThis() === undefined)',
  ),
  gets(
    'this and functions of frames of a default export',
    true,
    'export default () => { let sites; Error.prepareStackTrace = (e, s) => { sites = s }; new Error().stack; return sites.filter((s) => !/script/.test(s.getFileName())).every((s) => s.getFunction() === undefined && s.getThis() === undefined) }',
  ),
  // Frames of many sizes, so that the stack is full at each function of the console in turn.
  gets(
    'functions of frames of the console where the stack is full',
    [true, true],
    `let look;
    console.log({ [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) { look = inspect } });
    const seen = new Set();
    let isHidden = true;
    Error.stackTraceLimit = 4;
    Error.prepareStackTrace = (_, frames) => {
      for (const frame of frames) {
        if (/script/.test(frame.getFileName())) continue;
        seen.add(frame.getFileName());
        if (frame.getFunction() !== undefined || frame.getThis() !== undefined) isHidden = false;
      }
    };
    const proxy = new Proxy({}, {});
    const errors = [];
    let left = 0;
    globalThis.full = () => { if (left-- > 0) try { look(proxy) } catch (error) { errors.push(error) } };
    const numbers = Array.from({ length: 24 }, (_, index) => index);
    const sizes = numbers.map((size) => {
      const names = numbers.slice(0, size).map((index) => 'v' + index);
      const [before, after] = [names.map((name) => 'let ' + name + ' = 1;'), names.map((name) => name + '++;')];
      return new Function('self', before.join('') + 'try { self(self) } catch {}' + after.join('') + 'full()');
    });
    for (let round = 0; round < 3; round++) {
      for (const deep of sizes) {
        left = 40;
        try { deep(deep) } catch {}
        for (const error of errors.splice(0)) error.stack;
      }
    }
    [isHidden, seen.size > 0]`,
  ),
  gets(
    'frames through captureStackTrace',
    'string',
    'const o = {}; Error.stackTraceLimit = 100; Error.captureStackTrace(o); typeof o.stack',
  ),
  gets(
    'its own stack',
    'Error: q\n    at f (script.js:1:17)\n    at script.js:1:39',
    'const f = () => new Error("q").stack; f()',
  ),
  gets('its own stack behind an await', 'Error: q\n    at script.js:1:10', 'await 0; new Error("q").stack'),
  gets(
    'the stack of an error of the host',
    "Error: host function 'fail' failed",
    'try { await fail() } catch (e) { e.stack.split("\\n")[0] }',
  ),
  gets(
    'the frames of an error of the host',
    true,
    'try { await fail() } catch (e) { e.stack.split("\\n").slice(1).every((line) => /script\\.js:/.test(line)) }',
  ),
  gets(
    'what a host function holds',
    ['', true, 'undefined'],
    '[Object.getOwnPropertyNames(ask).filter((k) => k !== "length" && k !== "name").join(), Object.isFrozen(ask), typeof ask.prototype]',
  ),
  gets('to replace a host function', 1, 'try { globalThis.ask = () => 2 } catch {} await ask(1)'),
  gets(
    'globals that need defending',
    'undefined',
    '[...new Set([typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof FinalizationRegistry, typeof WeakRef, typeof ShadowRealm, typeof gc, typeof d8, typeof ivm])].join()',
  ),
  gets(
    'a list of all globals',
    [],
    'Reflect.ownKeys(globalThis).filter((k) => /process|require|module|^Buffer|global$|Worker|isolate|^port|copepod/i.test(String(k)))',
  ),
  gets(
    'the names in a with statement',
    [],
    'const seen = []; with (new Proxy({}, { has: (t, k) => { seen.push(k); return false } })) { Object } seen.filter((k) => !["Object"].includes(k))',
  ),
  gets('the wrapper by its names', 'undefined,undefined,undefined', '[typeof n$, typeof c$, typeof v$].join()'),
  gets(
    'a time zone or a locale of the host',
    ['UTC', 'en-US'],
    'const { timeZone, locale } = Intl.DateTimeFormat().resolvedOptions(); [timeZone, locale]',
  ),
  throws('import() of a module of Node', 'Cannot import', 'await import("fs")'),
  throws('import() of a file', 'Cannot import', 'await import("/etc/passwd")'),
  throws('import() of data', 'Cannot import', 'await import("data:text/javascript,export default 1")'),
  throws('import() of what is converted', 'Cannot import', 'await import({ toString() { return "fs" } })'),
  throws('import() from eval', 'Not supported', 'await (0, eval)("import(\'fs\')")'),
  throws('import() from a function', 'Not supported', 'await Function("return import(\'fs\')")()'),
];
