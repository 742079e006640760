/** structuredClone and messages: scripts run in the sandbox and in this Node, whose answers must be the same. */
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';
import { caught, sameAsNode } from './support/same-as-node.ts';

const engine = engineForTests();
const same = (body: string): Promise<void> => sameAsNode(engine, body);
/** A description that tells built-ins apart. */
const SHOW = `const show = (v) => v instanceof Map ? ['Map', [...v].map(([k, e]) => [show(k), show(e)])] : v instanceof Set ? ['Set', [...v].map(show)]
  : v instanceof Error ? [v.name, v.message, v.constructor.name, show(v.cause), Object.keys(v)] : ArrayBuffer.isView(v) ? [v.constructor.name, v.byteOffset, v.byteLength, v.buffer.byteLength]
  : v instanceof ArrayBuffer ? ['buffer', [...new Uint8Array(v)], v.resizable, v.maxByteLength] : Array.isArray(v) ? [v.length, Object.entries(v).map(([k, e]) => [k, show(e)])]
  : typeof v === 'bigint' ? v + 'n' : v && typeof v === 'object' ? [Object.prototype.toString.call(v), String(v.valueOf?.() ?? ''), Object.entries(v).map(([k, e]) => [k, show(e)])] : [typeof v, Object.is(v, -0) ? '-0' : String(v)];`;

describe('structuredClone works as in Node', () => {
  test.each([
    '[1, -0, NaN, "a", true, null, undefined, 5n]',
    '{ a: { b: [1, , 3] }, c: undefined }',
    'new Date(5)',
    'new Date(NaN)',
    '/a(b)/gi',
    '[Object(1), Object("ab"), Object(true), Object(5n)]',
    'new Map([[{ a: 1 }, new Set([1, { b: 2 }])]])',
    'new RangeError("x", { cause: { a: 1 } })',
    'Object.assign(new Error("y"), { extra: 1 })',
    'new (class Mine extends TypeError { name = "Mine" })("z")',
    'new AggregateError([1], "many")',
    'new Uint16Array([1, 2, 3]).subarray(1)',
    'new DataView(new ArrayBuffer(8), 2, 4)',
    'new Uint8Array([1, 2]).buffer',
    'new ArrayBuffer(2, { maxByteLength: 4 })',
    'new (class A { x = 1; get y() { return 2 } })()',
    'Object.create({ inherited: 1 }, { hidden: { value: 2 }, seen: { value: 3, enumerable: true } })',
    'Object.assign([1, 2], { name: "list" })',
    'Object.create(null)',
    '{ get a() { return 5 } }',
    '{ __proto__: null, ["__proto__"]: 1 }',
  ])('%s', (value) => same(`${SHOW} return show(structuredClone(${value.startsWith('{') ? `(${value})` : value}))`));

  test.each([
    `const a = { list: [] }; a.self = a; a.list.push(a); const b = structuredClone(a); return [b !== a, b.self === b, b.list[0] === b]`,
    `const e = {}; const [x, y] = structuredClone([e, e]); return x === y`,
    `const b = new Uint8Array([1, 2, 3]); const c = structuredClone({ b, s: b.subarray(1) }, { transfer: [b.buffer] }); return [b.length, [...c.b], c.s.buffer === c.b.buffer, c.s.byteOffset]`,
    `const b = new ArrayBuffer(1); try { structuredClone([b, () => {}], { transfer: [b] }) } catch {} return b.byteLength`,
    `const blob = structuredClone(new File(['abc'], 'n', { type: 'a/b', lastModified: 7 })); return [blob instanceof File, blob.name, blob.lastModified, await blob.text()]`,
    `const e = structuredClone(new DOMException('m', 'AbortError')); return [e instanceof DOMException, e.name, e.message, e.code]`,
    caught('structuredClone()'),
    caught('structuredClone(() => {})'),
    caught('structuredClone({ a: Symbol() })'),
    caught('structuredClone(Object(Symbol()))'),
    caught('structuredClone(new WeakMap())'),
    caught('structuredClone(Promise.resolve())'),
    caught('structuredClone({ get a() { throw new RangeError("x") } })'),
    caught('structuredClone(1, { transfer: [{}] })'),
    caught('(() => { const b = new ArrayBuffer(1); structuredClone(1, { transfer: [b, b] }) })()'),
    caught('(() => { const b = new ArrayBuffer(1); b.transfer(); structuredClone(b) })()'),
    caught('structuredClone(1, { transfer: 5 })'),
    caught(
      '(() => { const b = new ArrayBuffer(16, { maxByteLength: 16 }); const v = new Uint8Array(b, 8); b.resize(4); structuredClone(v) })()',
    ),
    caught(
      '(() => { const b = new ArrayBuffer(16, { maxByteLength: 16 }); const v = new DataView(b, 8); b.resize(4); structuredClone(v) })()',
    ),
    caught(
      '(() => { const b = new ArrayBuffer(16, { maxByteLength: 16 }); const v = new Uint8Array(b, 8); b.resize(4); structuredClone(v, { transfer: [b] }) })()',
    ),
  ])('%s', same);

  test('refuses objects of the platform that have no clone', async () => {
    const values = [
      'new URL("https://a.example")',
      'new Headers()',
      'new Response()',
      'new ReadableStream()',
      'new AbortController()',
    ];
    const source = `[${values}].map((v) => { try { structuredClone(v) } catch (e) { return e.name } })`;
    expect(await engine.result(source)).toEqual(values.map(() => 'DataCloneError'));
  });
});

describe('messages work as in Node', () => {
  test.each([
    `const { port1, port2 } = new MessageChannel(); const got = []; const both = new Promise((f) => { port2.onmessage = (e) => { got.push(e.data, e instanceof MessageEvent, e.target === port2); if (got.length > 6) f() } }); const o = { a: 1 }; port1.postMessage(o); o.a = 2; port1.postMessage([1]); got.push('sync'); await both; port1.close(); return got`,
    `const { port1, port2 } = new MessageChannel(); port1.postMessage('early'); const p = new Promise((f) => port2.addEventListener('message', (e) => f(e.data))); port2.start(); const got = await p; port1.close(); return got`,
    `const { port1, port2 } = new MessageChannel(); const b = new ArrayBuffer(3); const p = new Promise((f) => { port2.onmessage = (e) => f(e.data.byteLength) }); port1.postMessage(b, [b]); const got = [await p, b.byteLength]; port1.close(); return got`,
    `const a = new MessageChannel(); const b = new MessageChannel(); const got = await new Promise((f) => { a.port2.onmessage = (e) => { e.ports[0].onmessage = (m) => f([m.data, e.data === e.ports[0]]) }; a.port1.postMessage(b.port2, [b.port2]); b.port1.postMessage('through') }); a.port1.close(); b.port1.close(); return got`,
    caught('new MessagePort()'),
    caught(
      '(() => { const { port1 } = new MessageChannel(); structuredClone(port1, { transfer: [port1] }).close(); structuredClone(port1, { transfer: [port1] }) })()',
    ),
    caught(
      '(() => { const { port1 } = new MessageChannel(); port1.close(); structuredClone(port1, { transfer: [port1] }) })()',
    ),
    caught(
      '(() => { const { port1 } = new MessageChannel(); try { port1.postMessage(1, [port1]) } finally { port1.close() } })()',
    ),
    caught('new MessageChannel().port1.postMessage(() => {})'),
  ])('%s', same);

  test('a port that waits does not keep an execution', async () => {
    const { result } = await engine.run('new MessageChannel().port1.onmessage = () => {}; "done"');
    expect(result).toBe('done');
  });
});
