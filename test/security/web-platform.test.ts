import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { executeBesideNeighbour } from './support/neighbour.ts';
import { hostTracesIn } from './support/traces.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = createRuntime({ pool: { size: 2 }, limits: { memoryBytes: 32 << 20, cpuTimeMs: 5000, timeoutMs: 50_000 } });
  await runtime.ready();
});
afterAll(() => runtime.close());

describe('what the sandbox process does for a script counts as the script’s', () => {
  test.each([
    [
      'URLs in turn',
      'for (;;) new URL("https://a.example/" + "x".repeat(1000))',
      { cpuTimeMs: 200 },
      'CPUTimeExceeded',
    ],
    [
      'hosts in turn',
      'const u = new URL("https://a.example"); for (;;) u.host = "ü".repeat(60) + ".example"',
      { cpuTimeMs: 200 },
      'CPUTimeExceeded',
    ],
    [
      'random bytes in turn',
      'for (;;) crypto.getRandomValues(new Uint8Array(65536))',
      { cpuTimeMs: 200 },
      'CPUTimeExceeded',
    ],
    [
      'texts in turn',
      'const b = new Uint8Array(1 << 16); for (;;) new TextDecoder("gb18030").decode(b)',
      { cpuTimeMs: 200 },
      'CPUTimeExceeded',
    ],
    [
      'a text that is encoded again and again',
      'const a = []; for (;;) a.push(new TextEncoder().encode("x".repeat(1 << 20)))',
      {},
      'MemoryExceeded',
    ],
    [
      'parameters without end',
      'const p = new URLSearchParams(); for (;;) p.append("x".repeat(1000), "y")',
      {},
      'MemoryExceeded',
    ],
    [
      'listeners without end',
      'const t = new EventTarget(); for (let i = 0; ; i++) t.addEventListener("e" + i, () => {})',
      { cpuTimeMs: 500 },
      'CPUTimeExceeded',
    ],
    [
      'an event that is dispatched in its own listener',
      'const t = new EventTarget(); t.addEventListener("a", () => t.dispatchEvent(new Event("a"))); t.dispatchEvent(new Event("a")); 1',
      {},
      'RuntimeError',
    ],
  ])('%s', async (_, source, limits, reason) => {
    const outcome = await executeBesideNeighbour(runtime, source, { limits });
    expect(outcome.reason).toBe(reason);
    expect(hostTracesIn(outcome)).toEqual([]);
  });
});

describe('texts and bytes are bounded, and the error can be caught', () => {
  test.each([
    ['const s = "x".repeat((16 << 20) + 1); try { new TextEncoder().encode(s) } catch (e) { e.name }', 'RangeError'],
    [
      'const s = "x".repeat((16 << 20) + 1); try { new URL("https://a.example/" + s) } catch (e) { e.name }',
      'TypeError',
    ],
    ['const s = "x".repeat((16 << 20) + 1); try { btoa(s) } catch (e) { e.name }', 'InvalidCharacterError'],
    [
      'const d = Array.from({ length: 1025 }, () => new TextDecoder()); try { for (const each of d) each.decode(new Uint8Array([0xe2]), { stream: true }) } catch (e) { e.name }',
      'RangeError',
    ],
  ])('%s', async (source, name) => {
    await using roomy = createRuntime({
      pool: { size: 1 },
      limits: { memoryBytes: 256 << 20, cpuTimeMs: 10_000, timeoutMs: 20_000 },
    });
    const { result, reason } = await roomy.execute(source);
    expect({ result, reason }).toEqual({ result: name, reason: 'Completed' });
  });
});

const USES = `const u = new URL('/a?b=c', 'https://a.example'); u.searchParams.append('d', 'e'); u.searchParams.sort();
  const bytes = new TextEncoder().encode('é'); const decoder = new TextDecoder();
  const parts = decoder.decode(bytes.subarray(0, 1), { stream: true }) + decoder.decode(bytes.subarray(1));
  const random = crypto.getRandomValues(new Uint8Array(4)).length;`;
const RESULT = '"https://a.example/a?b=c&d=e é aGk= hi 4"';

describe('the platform works whatever a script has changed', () => {
  test.each([
    [
      'arrays and their iterators',
      'Array.prototype[Symbol.iterator] = Array.prototype.sort = Array.prototype.push = () => { throw 1 }; Object.defineProperty(Array.prototype, 0, { set() { throw 2 } }); Object.defineProperty(Array.prototype, "toJSON", { value() { throw 3 } });',
    ],
    [
      'strings',
      'for (const key of ["slice", "split", "toWellFormed", "toString", "valueOf"]) String.prototype[key] = () => { throw 4 };',
    ],
    [
      'objects',
      'for (const key of ["get", "set", "value", "enumerable", "stream", "then", "toJSON"]) Object.defineProperty(Object.prototype, key, { __proto__: null, get() {}, set() { throw 5 }, configurable: true });',
    ],
    [
      'typed arrays',
      'const typed = Object.getPrototypeOf(Uint8Array.prototype); for (const key of ["set", "slice", "buffer", "byteLength", "byteOffset"]) Object.defineProperty(typed, key, { get() { throw 6 } }); ArrayBuffer.isView = () => false;',
    ],
    [
      'JSON, Reflect and Object',
      'for (const target of [JSON, Reflect, Object]) for (const key of Object.getOwnPropertyNames(target)) if (key !== "prototype" && key !== "getOwnPropertyNames") target[key] = () => { throw 7 };',
    ],
  ])('%s', async (_, poison) => {
    const { result, error } = await runtime.execute(
      `${poison} ${USES} u.href + ' ' + parts + ' ' + btoa('hi') + ' ' + atob('aGk=') + ' ' + random`,
    );
    expect(error).toBeUndefined();
    expect(result).toBe(JSON.parse(RESULT));
  });

  test.each([
    'URL.prototype.toString.call({})',
    'Object.getOwnPropertyDescriptor(URL.prototype, "href").get.call(new URLSearchParams())',
    'new TextDecoder().decode.call({})',
    'crypto.getRandomValues.call({}, new Uint8Array(1))',
    'new Performance()',
    'EventTarget.prototype.dispatchEvent.call({}, new Event("a"))',
  ])('an object that is none of the platform’s is refused: %s', async (source) => {
    const outcome = await runtime.execute(source);
    expect(outcome.error?.message).toMatch(/^TypeError: /);
    expect(hostTracesIn(outcome)).toEqual([]);
  });
});
