import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { executeBesideNeighbour } from './support/neighbour.ts';
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

describe('clones, messages and events end within the limits of their execution', () => {
  test.each([
    [
      'a deep object that is cloned',
      'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; try { structuredClone(o) } catch (e) { e.name }',
      {},
      'Completed',
    ],
    [
      'clones without end',
      'const all = []; for (;;) all.push(structuredClone(new Uint8Array(65536)))',
      {},
      'MemoryExceeded',
    ],
    [
      'messages without end',
      'const { port1, port2 } = new MessageChannel(); for (;;) port1.postMessage("x".repeat(1000))',
      {},
      'MemoryExceeded',
    ],
    [
      'two ports that answer each other',
      'const { port1, port2 } = new MessageChannel(); port1.onmessage = port2.onmessage = (e) => e.target.postMessage(1); port1.postMessage(1); await new Promise((f) => setTimeout(f, 1e8))',
      { timeoutMs: 500 },
      'TimeoutExceeded',
    ],
    [
      'an error in the listener of errors',
      'addEventListener("error", () => { throw 1 }); reportError(2); await new Promise((f) => setTimeout(f, 1e8))',
      { timeoutMs: 2000 },
      'RuntimeError',
    ],
    [
      'rejections that are cancelled without end',
      'addEventListener("unhandledrejection", (e) => e.preventDefault()); setInterval(() => Promise.reject(1), 1); await new Promise(() => {})',
      { timeoutMs: 500 },
      'TimeoutExceeded',
    ],
    [
      'a handler that waits for ever',
      'export default (params, context, ctx) => { ctx.waitUntil(new Promise((f) => setInterval(() => {}, 1))); return 1 }',
      { timeoutMs: 500 },
      'TimeoutExceeded',
    ],
  ])('%s', async (_, source, limits, reason) => {
    const outcome = await executeBesideNeighbour(runtime, source, { limits });
    expect(outcome.reason).toBe(reason);
    expect(hostTracesIn(outcome)).toEqual([]);
  });
});
