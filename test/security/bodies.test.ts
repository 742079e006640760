import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { executeBesideNeighbour, serveNeighbour } from './support/neighbour.ts';
import { hostTracesIn } from './support/traces.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = createRuntime({
    pool: { size: 2 },
    limits: { memoryBytes: 32 << 20, cpuTimeMs: 30_000, timeoutMs: 50_000 },
  });
  await runtime.ready();
});
afterAll(() => runtime.close());

const ENDLESS = 'new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536)) } })';

describe('streams and bodies end within the limits of their execution', () => {
  test.each([
    ['an endless stream that is read', `for await (const each of ${ENDLESS});`, { cpuTimeMs: 300 }, 'CPUTimeExceeded'],
    ['an endless body', `await new Response(${ENDLESS}).text()`, {}, 'MemoryExceeded'],
    ['an endless pipe', `await ${ENDLESS}.pipeTo(new WritableStream())`, { cpuTimeMs: 300 }, 'CPUTimeExceeded'],
    [
      'a branch of a tee that nothing reads',
      `const [a, b] = ${ENDLESS}.tee(); for await (const each of a);`,
      {},
      'MemoryExceeded',
    ],
    [
      'a queue without end',
      'new ReadableStream({ start(c) { for (;;) c.enqueue(new Uint8Array(65536)) } })',
      {},
      'MemoryExceeded',
    ],
    ['a stream that never gives', 'await new ReadableStream().getReader().read()', {}, 'TimeoutExceeded'],
    ['a body that never comes', 'await new Response(new ReadableStream()).text()', {}, 'TimeoutExceeded'],
    [
      'writes without end',
      'const w = new WritableStream({ write: () => new Promise(() => {}) }).getWriter(); for (;;) w.write("x".repeat(1000))',
      {},
      'MemoryExceeded',
    ],
    ['a blob of itself', 'let b = new Blob(["x".repeat(1000)]); for (;;) b = new Blob([b, b])', {}, 'MemoryExceeded'],
    [
      'clones of clones',
      'let r = new Response(new Blob(["x"]).stream()); const all = []; for (;;) all.push((r = r.clone()));',
      {},
      'MemoryExceeded',
    ],
    [
      'headers without end',
      'const h = new Headers(); for (let i = 0; ; i++) h.append("a" + i, "x".repeat(1000))',
      {},
      'MemoryExceeded',
    ],
    ['a form without end', 'const f = new FormData(); for (;;) f.append("a", "x".repeat(1000))', {}, 'MemoryExceeded'],
    [
      'a form of delimiters',
      'const text = "\\r\\n-".repeat(1 << 18); for (;;) await new Response(text, { headers: { "content-type": "multipart/form-data; boundary=" + "-".repeat(60) } }).formData().catch(() => {})',
      { cpuTimeMs: 500 },
      'CPUTimeExceeded',
    ],
  ])('%s', async (_, source, limits, reason) => {
    const outcome = await executeBesideNeighbour(runtime, source, { limits });
    expect(outcome.reason).toBe(reason);
    expect(hostTracesIn(outcome)).toEqual([]);
  });
});

test('an execution that reads a stream is cancelled', async () => {
  const controller = new AbortController();
  const source =
    'console.log("reading"); await new Response(new ReadableStream({ pull() { return new Promise((f) => setTimeout(f, 5)) } })).text()';
  const outcome = await runtime.execute(source, { signal: controller.signal, onLog: () => controller.abort() });
  expect(outcome.reason).toBe('Cancelled');
});

describe('what a script has changed harms the script alone', () => {
  test.each([
    ['Promise.prototype.then', 'Promise.prototype.then = () => { throw 1 };'],
    ['typed arrays', 'Uint8Array.prototype.set = Uint8Array.prototype.subarray = () => ({ length: -1, buffer: 5 });'],
    ['streams', 'ReadableStream.prototype.getReader = () => ({ read: () => ({}) }); Object.prototype.pull = 1;'],
    ['arrays', 'Array.prototype.push = Array.prototype.map = Array.prototype.filter = () => { throw 2 };'],
    ['iterators', 'Array.prototype[Symbol.iterator] = Map.prototype.set = Map.prototype.get = () => { throw 3 };'],
    ['regular expressions', 'RegExp.prototype.exec = RegExp.prototype[Symbol.match] = () => { throw 4 };'],
  ])('%s', async (_, poison) => {
    const outcome = await runtime.execute(
      `${poison} const r = new Response(new Blob(['abc']).stream(), { headers: { a: 'b' } }); const t = await r.text(); t.length`,
    );
    expect(['Completed', 'RuntimeError', 'TimeoutExceeded']).toContain(outcome.reason);
    expect(hostTracesIn(outcome)).toEqual([]);
    await serveNeighbour(runtime);
    const after = await runtime.execute('await new Response(new Blob(["abc"]).stream()).text()');
    expect(after.result).toBe('abc');
  });
});
