import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { executeBesideNeighbour } from './support/neighbour.ts';
import { hostTracesIn } from './support/traces.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = createRuntime({
    pool: { size: 2 },
    limits: { memoryBytes: 48 << 20, cpuTimeMs: 30_000, timeoutMs: 50_000 },
  });
  await runtime.ready();
});
afterAll(() => runtime.close());

/** 64 MiB of zeros, which take 64 KiB. */
const BOMB = gzipSync(Buffer.alloc(64 << 20)).toString('base64');
const UNPACK = `const bomb = Uint8Array.from(atob(params.bomb), (c) => c.charCodeAt(0)); const stream = new Response(bomb).body.pipeThrough(new DecompressionStream('gzip'));`;
const PASSWORD = `const k = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']); const derive = (iterations) => crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations }, k, 256);`;
const RSA = `{ name: 'RSA-PSS', modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }`;

describe('work outside the isolate ends within the limits of its execution', () => {
  test.each([
    ['a billion iterations', `${PASSWORD} await derive(1e9)`, { cpuTimeMs: 500 }, /CPUTimeExceeded|TimeoutExceeded/],
    [
      'a billion iterations, by the clock',
      `${PASSWORD} await derive(1e9)`,
      { timeoutMs: 500 },
      /CPUTimeExceeded|TimeoutExceeded/,
    ],
    ['many derivations', `${PASSWORD} for (;;) await derive(1000)`, { cpuTimeMs: 300 }, /CPUTimeExceeded/],
    [
      'a key that takes minutes',
      `await crypto.subtle.generateKey(${RSA}, true, ['sign'])`,
      { cpuTimeMs: 500 },
      /CPUTimeExceeded|TimeoutExceeded|RuntimeError|Completed/,
    ],
    [
      'keys without end',
      `const all = []; try { for (;;) all.push(await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt'])) } catch (e) { if (e.name !== 'OperationError') throw 1; all.length }`,
      {},
      /Completed|MemoryExceeded|CPUTimeExceeded/,
    ],
    ['a bomb that is kept', `${UNPACK} await new Response(stream).bytes()`, {}, /MemoryExceeded/],
    [
      'streams that are left open',
      `let e; try { for (;;) { const s = new CompressionStream('gzip'); s.readable.getReader().read().catch(() => {}); await s.writable.getWriter().write(new Uint8Array(1)) } } catch (error) { e = error.name } if (e !== 'RangeError') throw e`,
      {},
      /Completed/,
    ],
    [
      'compressing without end',
      `for (;;) await new Response(new Response(new Uint8Array(1 << 20)).body.pipeThrough(new CompressionStream('gzip'))).bytes()`,
      { cpuTimeMs: 300 },
      /CPUTimeExceeded/,
    ],
    [
      'patterns without end',
      `for (let i = 0; ; i++) new URLPattern({ pathname: '/' + i })`,
      { cpuTimeMs: 300 },
      /CPUTimeExceeded/,
    ],
    [
      'digests without end',
      `for (;;) await crypto.subtle.digest('SHA-512', new Uint8Array(1 << 20))`,
      { cpuTimeMs: 300 },
      /CPUTimeExceeded/,
    ],
  ])('%s', async (_, source, limits, reason) => {
    const outcome = await executeBesideNeighbour(runtime, source, { limits, params: { bomb: BOMB } });
    expect(outcome.reason).toMatch(reason);
    expect(hostTracesIn(outcome)).toEqual([]);
  });

  test('a bomb is read part by part in little memory', async () => {
    const source = `${UNPACK} let length = 0; let longest = 0; for await (const part of stream) { length += part.length; longest = Math.max(longest, part.length) } [length, longest <= 65536]`;
    const { result, error } = await runtime.execute(source, { params: { bomb: BOMB } });
    expect(error).toBeUndefined();
    expect(result).toEqual([64 << 20, true]);
  });
});

describe('keys belong to one execution', () => {
  test('the numbers of another execution lead nowhere', async () => {
    const make = `await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt'])`;
    const first = await runtime.execute(`const k = ${make}; (await crypto.subtle.exportKey('jwk', k)).k`);
    const second = await runtime.execute(`const k = ${make}; (await crypto.subtle.exportKey('jwk', k)).k`);
    expect(first.result).not.toEqual(second.result);
  });

  test('random keys differ between processes', async () => {
    const source = `const k = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']); (await crypto.subtle.exportKey('jwk', k)).k`;
    await using runtime = createRuntime({ pool: { size: 4, tenantIsolation: 'Execution' } });
    const keys = await Promise.all(Array.from({ length: 8 }, async () => (await runtime.execute(source)).result));
    expect(new Set(keys).size).toBe(8);
  });

  test.each([
    'crypto.subtle.digest.call({}, "SHA-256", new Uint8Array(1))',
    'crypto.subtle.exportKey("raw", { type: "secret", extractable: true, algorithm: { name: "HMAC" } })',
    'crypto.subtle.sign("HMAC", Object.create(CryptoKey.prototype), new Uint8Array(1))',
  ])('an object that is none of the platform’s is refused: %s', async (source) => {
    const outcome = await runtime.execute(`await ${source}`);
    expect(outcome.error?.message).toMatch(/^TypeError: /);
    expect(hostTracesIn(outcome)).toEqual([]);
  });
});
