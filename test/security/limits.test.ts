import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type EndReason } from '../../src/index.ts';
import { Attacker, MIB } from './support/attacker.ts';
import { serveNeighbour } from './support/neighbour.ts';

const attacker = new Attacker();
const { runtime } = attacker;
const attack = attacker.attack.bind(attacker);
beforeAll(() => runtime.ready());
afterAll(() => runtime.close());

describe('memory', () => {
  test.each([
    ['arrays', 'const a = []; for (;;) a.push(new Array(1000).fill(1))'],
    [
      'arrays, also while it is being ended',
      'const a = []; const b = () => { for (;;) a.push(new Array(1000).fill(1)) }; try { b() } catch { b() } finally { b() }',
    ],
    ['one array that is filled', 'Array(1e9).fill(0)'],
    [
      'one array of a buffer',
      'const b = new Uint8Array(1e8); const a = new Array(b.length); for (let i = b.length; i--; ) a[i] = b[i]',
    ],
    ['an object', 'const o = {}; for (let i = 0; ; i++) o["k" + i] = { i }'],
    ['a list of objects', 'let o = {}; for (;;) o = { o }'],
    ['strings', 'const a = []; for (let i = 0; ; i++) a.push(("ab" + i).repeat(1e5).toUpperCase())'],
    [
      'ropes that are flattened',
      'const a = []; for (let i = 0; ; i++) { let s = "ab" + i; for (let j = 0; j < 22; j++) s += s; s.charCodeAt(5); a.push(JSON.stringify(s)) }',
    ],
    ['one rope that is flattened', 'let s = "x".repeat(2 ** 29 - 24); s.charCodeAt(7)'],
    [
      'strings of two bytes',
      'const a = []; for (let i = 0; ; i++) a.push(("\\u00e9".repeat(1 << 20) + i).normalize("NFD"))',
    ],
    ['bigints', 'const a = []; for (;;) a.push(1n << (1n << 25n))'],
    ['buffers', 'const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(7))'],
    ['buffers that nobody writes to', 'const a = []; for (;;) a.push(new ArrayBuffer(1 << 20))'],
    ['one buffer', 'new Uint8Array(2 ** 31).fill(1)'],
    [
      'resizable buffers',
      'const a = []; for (;;) { const b = new ArrayBuffer(8, { maxByteLength: 1 << 28 }); b.resize(1 << 28); new Uint8Array(b).fill(1); a.push(b) }',
    ],
    ['typed arrays', 'const a = []; for (;;) a.push(new Float64Array(1 << 16).fill(1.5))'],
    ['a map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })'],
    ['a set', 'const s = new Set(); for (let i = 0; ; i++) s.add("k" + i)'],
    [
      'a weak map',
      'const w = new WeakMap(); const k = []; for (;;) { const o = {}; k.push(o); w.set(o, new Array(100)) }',
    ],
    ['a replacement that grows', '"x".repeat(1e7).replace(/x/g, "$`")'],
    ['matches', 'const a = []; for (;;) a.push("x".repeat(1e5).match(/./g))'],
    ['JSON', 'const o = Array(1e4).fill({ a: 1 }); const a = []; for (;;) a.push(JSON.stringify(o))'],
    ['parsed JSON', 'const text = "[" + "1.5,".repeat(1e4) + "1]"; const a = []; for (;;) a.push(JSON.parse(text))'],
    ['code', 'const a = []; for (;;) a.push((0, eval)("[" + "{ a: 1 },".repeat(1e4) + "]"))'],
    [
      'closures',
      'let f = () => 0; for (;;) { const g = f; const big = new Array(100).fill(0); f = () => g() + big.length }',
    ],
    ['promises', 'const a = []; for (;;) a.push(new Promise((r) => a.push(r)))'],
    ['microtasks that double', 'const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; f()'],
    ['symbols', 'const a = []; for (let i = 0; ; i++) a.push(Symbol.for("k" + i))'],
    ['classes', 'const a = []; for (;;) a.push(class { static x = new Array(1000).fill(0) })'],
    [
      'stack traces',
      'const a = []; Error.stackTraceLimit = 1e6; const r = (n) => { n ? r(n - 1) : a.push(new Error()) }; for (;;) r(3000)',
    ],
    ['formatters', 'const a = []; for (;;) a.push(new Intl.NumberFormat("de"), new Intl.DateTimeFormat("ja"))'],
    ['a chain of proxies', 'let p = {}; for (;;) p = new Proxy(p, {})'],
    ['a thrown string', 'throw "x".repeat(2 ** 29 - 24)'],
    ['a logged string', 'console.log("x".repeat(2 ** 29 - 24))'],
    ['a logged object', 'console.log(Array.from({ length: 100 }, () => "x".repeat(2 ** 28)))'],
    ['an argument of a host function', 'await ping("x".repeat(2 ** 28))'],
    ['a result', '"x".repeat(2 ** 28)'],
    [
      'a log flood beside it',
      'const a = []; for (;;) { console.log("x".repeat(5000)); a.push(new Uint8Array(1 << 18).fill(1)) }',
    ],
  ])('of %s ends as MemoryExceeded', async (_, source) => {
    const { reason, error } = await attack(source, {});
    expect({ reason, type: error?.type, retryable: error?.retryable }).toEqual({
      reason: 'MemoryExceeded',
      type: 'ResourceError',
      retryable: false,
    });
  });

  test.each([
    'throw new RangeError("Array buffer allocation failed")',
    'await null; throw new RangeError("Array buffer allocation failed")',
    'await Promise.reject(new RangeError("Array buffer allocation failed"))',
    'const e = new RangeError("Array buffer allocation failed"); e.stack = "RangeError: Array buffer allocation failed\\n    at new ArrayBuffer (<anonymous>)"; throw e',
    'throw new Error("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory")',
  ])('is not exceeded by an error message: %s', async (source) => {
    expect((await attack(source, {})).reason).toBe('RuntimeError');
  });

  test.each(['new Uint8Array(1e9)', 'await null; new ArrayBuffer(1e9)', 'new Uint8Array(40 << 20).slice().slice()'])(
    'is exceeded by a buffer that is refused: %s',
    async (source) => {
      expect((await attack(source, {})).reason).toBe('MemoryExceeded');
    },
  );

  test('garbage of one script does not count for the next', async () => {
    const big = [
      'const a = []; for (let i = 0; i < 20; i++) a.push(new Uint8Array(1 << 20).fill(1)); a.length',
      'const a = []; for (let i = 0; i < 2e5; i++) a.push({ i }); a.length',
    ];
    const reasons: EndReason[] = [];
    for (let i = 0; i < 6; i++) {
      reasons.push((await attack(big[i % 2] as string, {})).reason);
      reasons.push(
        (await attack('let s = 0; for (let i = 0; i < 2e7; i++) s += i; s', { memoryBytes: 16 * MIB })).reason,
      );
    }
    expect(reasons).toEqual(Array(12).fill('Completed'));
  });

  test('garbage of a very large script does not count for the next', async () => {
    await using roomy = createRuntime({ pool: { size: 1 }, limits: { memoryBytes: 256 * MIB, cpuTimeMs: 10_000 } });
    for (let i = 0; i < 3; i++) {
      const big = await roomy.execute('const a = []; for (let i = 0; i < 2e6; i++) a.push({ i }); a.length');
      const small = await roomy.execute('const a = []; for (let i = 0; i < 1e5; i++) a.push({ i }); a.length', {
        limits: { memoryBytes: 16 * MIB },
      });
      expect([big.reason, small.reason]).toEqual(['Completed', 'Completed']);
    }
  });
});

describe('CPU time', () => {
  test.each([
    ['a loop', 'for (;;);'],
    ['a loop in a finally', 'try { for (;;); } finally { for (;;); }'],
    ['a loop over awaits', 'for (;;) await 0'],
    ['a chain of microtasks', 'const f = () => Promise.resolve().then(f); await f()'],
    ['microtasks after the result', 'const f = () => Promise.resolve().then(f); f(); 1'],
    ['host calls in turn', 'for (;;) await ping()'],
    ['an async generator', 'for await (const x of (async function* () { for (;;) yield 1 })());'],
    ['a regular expression that backtracks', '/(a+)+$/.test("a".repeat(40) + "b")'],
    ['another', '/^(([a-z])+.)+[A-Z]([a-z])+$/.test("a".repeat(60))'],
    ['a search through an array-like', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'],
    ['a reversal of an array-like', 'Array.prototype.reverse.call({ length: 2 ** 53 - 1 })'],
    ['a sort', 'const a = Float64Array.from({ length: 1e5 }, Math.random); for (;;) a.slice().sort((x, y) => y - x)'],
    ['a join', 'const a = new Array(1e6).fill("x"); for (;;) a.join("-")'],
    ['a power of a bigint', '7n ** (10n ** 8n)'],
    ['the digits of a bigint', '(7n ** (10n ** 6n) << 5000000n).toString()'],
    ['a replacement', 'const s = "x".repeat(1e4); for (;;) s.replace(/x/g, "yy")'],
    ['a normalisation', 'const s = "\\u0344".repeat(1e5); for (;;) s.normalize("NFC")'],
    ['JSON', 'const o = Array.from({ length: 1e5 }, (_, i) => ({ i })); for (;;) JSON.stringify(o)'],
    ['the description of what was thrown', 'throw { get [Symbol.toStringTag]() { for (;;); } }'],
    ['the message of what was thrown', 'throw Object.assign(new Error(), { get message() { for (;;); } })'],
    [
      'the name of what was thrown',
      'const e = new Error(); Object.defineProperty(e, "name", { get() { for (;;); } }); throw e',
    ],
    ['the stack of what was thrown', 'Error.prepareStackTrace = () => { for (;;); }; throw new Error()'],
    [
      'a proxy that was thrown',
      'throw new Proxy(new Error(), { get() { for (;;); }, getPrototypeOf() { for (;;); } })',
    ],
    ['toJSON of the result', '({ toJSON() { for (;;); } })'],
    ['a getter of the result', '({ get a() { for (;;); } })'],
    ['then of the result', '({ get then() { for (;;); } })'],
    ['the arguments of a host function', 'await ping({ toJSON() { for (;;); } })'],
    ['a logged object', 'console.log({ get [Symbol.toStringTag]() { for (;;); } })'],
  ])('of %s ends as CPUTimeExceeded', async (_, source) => {
    const { reason, error, usage } = await attack(source, { cpuTimeMs: 150 });
    expect({ reason, type: error?.type, retryable: error?.retryable }).toEqual({
      reason: 'CPUTimeExceeded',
      type: 'TimeoutError',
      retryable: true,
    });
    expect(usage.cpuMilliseconds).toBeGreaterThan(100);
  });
});

describe('time', () => {
  test.each([
    ['a loop', 'for (;;);'],
    ['a native loop', 'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)'],
    ['a host function that never answers', 'await never()'],
    ['host calls in turn', 'for (;;) await ping()'],
    ['a race that nobody wins', 'await Promise.race([never(), never()])'],
    ['a log flood', 'for (;;) console.log("x".repeat(8000))'],
  ])('%s ends as TimeoutExceeded', async (_, source) => {
    const { reason, error, usage } = await attack(source, { timeoutMs: 200 });
    expect({ reason, type: error?.type }).toEqual({ reason: 'TimeoutExceeded', type: 'TimeoutError' });
    expect(usage.wallMilliseconds).toBeGreaterThanOrEqual(200);
  });

  test.each([
    ['a promise that nothing can settle', 'await new Promise(() => {})'],
    ['a thenable that never calls back', 'export default { then() {} }'],
    ['a generator that waits for itself', 'const p = (async () => { await p })(); await p', 'RuntimeError'],
  ])('does not wait for %s', async (_, source, reason = 'TimeoutExceeded') => {
    const outcome = await attack(source, {});
    expect(outcome.reason).toBe(reason);
    expect(outcome.usage.wallMilliseconds).toBeLessThan(1000);
  });
});

test('a neighbour is served as usual', async () => {
  const attacks = ['for (;;);', 'const a = []; for (;;) a.push(new Array(1000).fill(1))', 'for (;;) console.log("x")'];
  for (const source of attacks) {
    await Promise.all([attack(source, { timeoutMs: 400 }), serveNeighbour(runtime), serveNeighbour(runtime)]);
  }
});
