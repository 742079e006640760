/** The web platform: scripts run in the sandbox and in this Node, whose answers must be the same. */
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { INTERFACES, MEMBERS } from '../../src/runtime/guest/web/names.ts';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

async function sameAsNode(script: string): Promise<void> {
  const source = `(() => { ${script} })()`;
  const inNode: unknown = JSON.parse(JSON.stringify(runInThisContext(source)));
  expect(await engine.result(source)).toEqual(inNode);
}

const caught = (call: string): string =>
  `try { return [${call}] } catch (e) { return [e.name, e instanceof TypeError] }`;

describe('URL and URLSearchParams work as in Node', () => {
  test.each([
    `const u = new URL('/a?b=c#d', 'https://ex.com:8080'); u.searchParams.append('x', 'ü y'); u.hash = ''; return [u.href, [...u.searchParams], u.origin, u, String(u.searchParams)]`,
    `const u = new URL('https://a.example/?a=1'); const p = u.searchParams; u.search = '?b=2'; const now = [...p]; p.delete('b'); return [now, u.href, u.search, p === u.searchParams]`,
    `const u = new URL('https://a.example/'); u.host = 'ü.example:81'; u.protocol = 'http'; u.port = '80'; u.pathname = 'a b'; u.username = '@'; return u.href`,
    `const p = new URLSearchParams('?b=2&a=1&b=3'); p.sort(); const s = String(p); p.set('b', '9'); return [s, String(p), p.getAll('b'), p.get('x'), p.has('a'), p.has('a', '2'), p.size]`,
    `const p = new URLSearchParams({ a: 1, 'b c': '&' }); p.append('a', '\\ud800'); return [...p.keys(), ...p.values(), ...p.entries()].flat()`,
    `const p = new URLSearchParams([['a', '1'], new Set(['b', '2'])]); const seen = []; p.forEach(function (v, k, o) { seen.push(v, k, o === p, this.x) }, { x: 1 }); p.delete('a', '2'); p.delete('a', '1'); return [seen, String(p)]`,
    `const p = new URLSearchParams('a=1&b=2&c=3'); const seen = []; for (const [k] of p) { seen.push(k); p.delete('b') } return seen`,
    `return [String(new URLSearchParams('??a=b')), String(new URLSearchParams('a=%2&b=+')), new URLSearchParams(undefined).size]`,
    `const i = new URLSearchParams('a=1').entries(); return [Object.prototype.toString.call(i), typeof i[Symbol.iterator], i.next(), i.next()]`,
    `return [URL.canParse('x'), URL.canParse('x', 'https://a.example'), URL.parse('x'), URL.name, Object.keys(URL.prototype).sort()]`,
    `const log = []; for (const k in new URLSearchParams()) log.push(k); return log.sort()`,
    `return [URL, URL.parse, URL.canParse, URLSearchParams, ...['append', 'delete', 'get', 'has', 'forEach'].map((name) => URLSearchParams.prototype[name])].map((f) => f.length)`,
    `return [AbortSignal.abort, AbortController.prototype.abort, EventTarget.prototype.addEventListener, TextDecoder, Blob, File, Headers, Response, Request, Response.json, FormData.prototype.append].map((f) => f.length)`,
    `return String(new URLSearchParams(DOMException))`,
    caught('new URL("x")'),
    caught('new URL()'),
    caught('new URLSearchParams([["a"]])'),
    caught('new URLSearchParams([1])'),
    caught('new URLSearchParams().append("a")'),
    caught('new URL("https://a.example").href = "x"'),
    caught('Symbol() + ""'),
    caught('new URL(Symbol())'),
    caught('URL("https://a.example")'),
  ])('%s', sameAsNode);
});

describe('a global of the platform', () => {
  test.each([...INTERFACES, ...MEMBERS])('%s is what it is called', async (name) => {
    const source = `[typeof ${name}, typeof ${name} === 'function' ? ${name}.name : '${name}']`;
    expect(await engine.result(source)).toEqual([
      /^(crypto|navigator|performance|tracing)$/.test(name) ? 'object' : 'function',
      name,
    ]);
  });

  test.each([
    {
      what: 'is a data property once another one was read',
      source: `TextEncoder; Object.entries(Object.getOwnPropertyDescriptor(globalThis, 'URL')).map(([key, value]) => key + ' ' + typeof value)`,
      result: ['value function', 'writable boolean', 'enumerable boolean', 'configurable boolean'],
    },
    {
      what: 'stays away when it was deleted',
      source: `delete globalThis.URL; TextEncoder; ['URL' in globalThis, typeof URL]`,
      result: [false, 'undefined'],
    },
    { what: 'stays what a script made it', source: `globalThis.URL = 5; TextEncoder; URL`, result: 5 },
    {
      what: 'stays an accessor that a script made it',
      source: `Object.defineProperty(globalThis, 'URL', { get: () => 6, configurable: true }); TextEncoder; URL`,
      result: 6,
    },
    {
      what: 'is there when the global object was frozen before',
      source: `Object.freeze(globalThis); [new URL('https://a.example').href, URL === URL, btoa('a'), new Headers({ a: 'b' }).get('a')]`,
      result: ['https://a.example/', true, 'YQ==', 'b'],
    },
  ])('$what', async ({ source, result }) => {
    expect(await engine.result(source)).toEqual(result);
  });
});

describe('texts and bytes work as in Node', () => {
  test.each([
    `const b = new Uint8Array(8); b.buffer.transfer(); return new TextEncoder().encodeInto('a', b)`,
    `return [btoa('hé'), atob('aOk='), atob(' a G k = '), btoa('')]`,
    `return [...new TextEncoder().encode('hé€😀\\ud800')]`,
    `const b = new Uint8Array(5); const r = new TextEncoder().encodeInto('a€😀', b); return [r, ...b]`,
    `return [new TextDecoder('latin1').encoding, new TextDecoder(' UTF-8 ').encoding, new TextDecoder('utf-16le').decode(new Uint8Array([0x61, 0, 0x3d, 0xd8]))]`,
    `const d = new TextDecoder(); return [d.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xe2, 0x82]), { stream: true }), d.decode(new Uint8Array([0xac])), d.decode(new Uint8Array([0xe2]))]`,
    `const d = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }); return [d.decode(new Uint8Array([0xef, 0xbb, 0xbf])).length, d.fatal, d.ignoreBOM]`,
    `const b = new Uint8Array([0x61, 0x62, 0x63, 0x64]); const d = new TextDecoder(); return [d.decode(b.subarray(1, 3)), d.decode(b.buffer), d.decode(new DataView(b.buffer, 2)), d.decode(new Uint16Array(b.buffer, 2, 1)), d.decode()]`,
    `return [new TextEncoder().encode() instanceof Uint8Array, new TextEncoder().encode('ab').buffer.byteLength, new TextEncoder().encoding]`,
    caught('atob("%")'),
    caught('btoa("€")'),
    caught('atob()'),
    caught('new TextDecoder("nope")'),
    caught('new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]))'),
    caught('new TextDecoder().decode("text")'),
    caught('new TextEncoder().encodeInto("a", [])'),
  ])('%s', sameAsNode);
});

describe('random values', () => {
  test('differ between executions, processes and calls', async () => {
    const source =
      '[crypto.randomUUID(), crypto.randomUUID(), ...crypto.getRandomValues(new BigUint64Array(2))].map(String)';
    const seen = new Set<string>();
    for (const tenantKey of ['a', 'a', 'b', 'c']) {
      for (const value of (await engine.result(source, { tenantKey })) as string[]) seen.add(value);
    }
    expect(seen.size).toBe(16);
  });

  test.each([
    `try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return [e instanceof QuotaExceededError, e instanceof DOMException, e.name, e.code, e.quota, e.requested] }`,
    `const e = new QuotaExceededError('m', { quota: 5, requested: 7.5 }); const c = structuredClone(e); return [e.message, e.name, e.quota, e.requested, String(e), Object.prototype.toString.call(e), c instanceof QuotaExceededError, c.quota, c.requested]`,
    `return [{ quota: -1 }, { requested: -1 }, { quota: 5, requested: 3 }, { quota: 'x' }, { quota: Infinity }].map((options) => { try { return new QuotaExceededError('', options).quota } catch (e) { return e.name } })`,
    `return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())`,
    `const a = new Uint8Array(1000); const b = crypto.getRandomValues(a); return [a === b, new Set(a).size > 200]`,
    `const a = new Uint8Array(8); crypto.getRandomValues(a.subarray(2, 4)); return [...a].map((n, i) => i === 2 || i === 3 || n === 0)`,
    caught('crypto.getRandomValues(new Uint8Array(65537))'),
    caught('crypto.getRandomValues(new Float32Array(1))'),
    caught('new Crypto()'),
  ])('%s', sameAsNode);
});

describe('performance', () => {
  test('tells whole milliseconds since the execution started', async () => {
    const before = Date.now();
    const [now, origin, later] = (await engine.result(
      'const now = performance.now(); await new Promise((resolve) => setTimeout(resolve, 10)); [now, performance.timeOrigin, performance.now()]',
    )) as [number, number, number];
    expect([Number.isInteger(now), Number.isInteger(later)]).toEqual([true, true]);
    expect(later - now).toBeGreaterThanOrEqual(9);
    expect(origin).toBeGreaterThanOrEqual(before - 1);
    expect(origin).toBeLessThanOrEqual(Date.now());
  });
});

test('an error of the platform has its place', async () => {
  const { error } = await engine.run('const a = 1;\nnew URL("nope")');
  expect([error?.message, error?.line, error?.column]).toEqual(['TypeError: Invalid URL', 2, 1]);
});
