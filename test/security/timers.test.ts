import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { executeBesideNeighbour } from './support/neighbour.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = createRuntime({ pool: { size: 2 }, limits: { memoryBytes: 32 << 20, cpuTimeMs: 5000, timeoutMs: 50_000 } });
  await runtime.ready();
});
afterAll(() => runtime.close());

async function attack(source: string, limits: { timeoutMs?: number; cpuTimeMs?: number } = {}): Promise<string> {
  const { reason } = await executeBesideNeighbour(runtime, source, { limits: { cpuTimeMs: 300, ...limits } });
  return reason;
}

describe('timers stay within the limits', () => {
  test.each([
    ['an interval', 'setInterval(() => {}, 0); await new Promise(() => {})', { timeoutMs: 200 }, 'TimeoutExceeded'],
    [
      'a chain of timers',
      'const f = () => setTimeout(f); f(); await new Promise(() => {})',
      { timeoutMs: 200 },
      'TimeoutExceeded',
    ],
    ['a long wait', 'await new Promise((resolve) => setTimeout(resolve, 1e9))', { timeoutMs: 200 }, 'TimeoutExceeded'],
    ['a callback that loops', 'setTimeout(() => { for (;;); }); await new Promise(() => {})', {}, 'CPUTimeExceeded'],
    ['a callback that loops after the result', 'setTimeout(() => { for (;;); }); 1', {}, 'Completed'],
    [
      'intervals without end',
      'for (let i = 0; i < 5000; i++) setInterval(() => {}, 0); await new Promise(() => {})',
      {},
      'CPUTimeExceeded',
    ],
    [
      'arguments that hold memory',
      'const f = () => { setTimeout(f, 0, new Array(1e6).fill(1)); setTimeout(f, 0, new Array(1e6).fill(1)) }; f(); await new Promise(() => {})',
      { cpuTimeMs: 5000 },
      'MemoryExceeded',
    ],
    ['timers without end', 'for (;;) setTimeout(() => {}, 1000)', {}, 'RuntimeError'],
    ['microtasks without end', 'const f = () => queueMicrotask(f); f()', {}, 'CPUTimeExceeded'],
  ])('%s', async (_, source, limits, reason) => {
    expect(await attack(source, limits)).toBe(reason);
  });

  test('more than ten thousand timers are refused with an error that can be caught', async () => {
    const { result } = await runtime.execute(
      'let n = 0; try { for (;; n++) setTimeout(() => {}, 1000) } catch (error) { [n, String(error)] }',
      { limits: { cpuTimeMs: 5000 } },
    );
    expect(result).toEqual([10_000, 'RangeError: setTimeout: too many timers are active']);
  });

  test('timers of one execution do not fire in the next', async () => {
    const tenantKey = 'one';
    await runtime.execute('setInterval(() => console.log("leaked"), 1); 1', { tenantKey });
    const { logs } = await runtime.execute('await new Promise((resolve) => setTimeout(resolve, 20))', { tenantKey });
    expect(logs).toEqual([]);
  });

  test('a cancelled execution ends while it waits for a timer', async () => {
    const controller = new AbortController();
    const started = Promise.withResolvers<void>();
    const running = runtime.execute('console.log(1); await new Promise((resolve) => setTimeout(resolve, 1e9))', {
      signal: controller.signal,
      onLog: () => started.resolve(),
    });
    await started.promise;
    controller.abort();
    expect((await running).reason).toBe('Cancelled');
  });
});

describe('timers and events work whatever a script has changed', () => {
  test.each([
    [
      'arrays and their iterators',
      'Array.prototype[Symbol.iterator] = Array.prototype.push = () => { throw 1 }; Object.defineProperty(Array.prototype, 0, { set() { throw 2 } });',
    ],
    [
      'objects',
      'for (const key of ["get", "set", "value", "callback", "args", "repeats"]) Object.defineProperty(Object.prototype, key, { __proto__: null, get() { return 7 }, set() { throw 3 }, configurable: true });',
    ],
    [
      'promises',
      'Promise.prototype.then = () => { throw 4 }; Object.defineProperty(Promise, Symbol.species, { get() { throw 5 } });',
    ],
    [
      'functions and numbers',
      'Function.prototype.call = Function.prototype.apply = Reflect.apply = () => { throw 6 }; Number = undefined;',
    ],
  ])('%s', async (_, poison) => {
    const source = `const P = Promise; ${poison}
      let ran = ''; const target = new EventTarget(); const controller = new AbortController();
      target.addEventListener('a', { handleEvent(e) { ran += e.type } }, { once: true, signal: controller.signal });
      target.dispatchEvent(new CustomEvent('a')); controller.signal.onabort = () => ran += 'b'; controller.abort();
      if (AbortSignal.abort().reason.name !== 'AbortError') ran = 'no name';
      queueMicrotask(() => ran += 'm');
      await new P((resolve) => { let n = 0; const id = setInterval((a) => { ran += a; if (++n === 2) { clearInterval(id); setTimeout(resolve, 1) } }, 1, 't') });
      ran`;
    const { result, error } = await runtime.execute(source);
    expect(error).toBeUndefined();
    expect(result).toBe('abmtt');
  });
});
