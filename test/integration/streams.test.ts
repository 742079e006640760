/** Streams: scripts run in the sandbox and in this Node, whose answers must be the same. */
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';
import { caught, sameAsNode } from './support/same-as-node.ts';

const engine = engineForTests();
const same = (body: string): Promise<void> => sameAsNode(engine, body);

describe('streams work as in Node', () => {
  test.each([
    `const i = new ReadableStream().values(); const p = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype); return Object.getPrototypeOf(Object.getPrototypeOf(i)) === p`,
    `const seen = []; for await (const each of ReadableStream.from(['a', Promise.resolve('b')])) seen.push(each); return seen`,
    `const log = []; const s = new ReadableStream({ start(c) { log.push('start', c.desiredSize) }, pull(c) { log.push('pull'); c.enqueue(log.length); if (log.length > 6) c.close() }, cancel(r) { log.push(r) } }, { highWaterMark: 2 }); const r = s.getReader(); for (;;) { const { done, value } = await r.read(); log.push(value ?? 'end'); if (done) break } return [log, s.locked]`,
    `const log = []; const s = new ReadableStream({ cancel(r) { log.push(r) } }); await s.cancel('enough'); return log`,
    `const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close() } }); const [a, b] = s.tee(); const all = async (x) => { const l = []; for await (const e of x) l.push(e); return l }; return [await all(a), await all(b), s.locked]`,
    `const log = []; const s = ReadableStream.from([1, 2, 3]); for await (const each of s.values({ preventCancel: true })) { log.push(each); break } log.push((await s.getReader().read()).value); return log`,
    `const s = new ReadableStream({ type: 'bytes', pull(c) { const v = c.byobRequest?.view; if (v) { v[0] = 7; c.byobRequest.respond(1) } else c.enqueue(new Uint8Array([1, 2])) } }); const r = s.getReader({ mode: 'byob' }); const { value } = await r.read(new Uint8Array(4)); r.releaseLock(); const d = s.getReader(); return [[...value], value.buffer.byteLength, [...(await d.read()).value]]`,
    `const s = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 8, pull(c) { c.byobRequest.view[0] = 5; c.byobRequest.respond(1) } }); return [...(await s.getReader().read()).value]`,
    `let n = 0; const s = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array([++n])) } }); const r = s.getReader({ mode: 'byob' }); return [...(await r.read(new Uint8Array(4), { min: 3 })).value]`,
    `const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close() } }); const [a, b] = s.tee(); const x = (await a.getReader().read()).value; x[0] = 9; return [[...x], [...(await b.getReader().read()).value]]`,
    `const log = []; const w = new WritableStream({ start() { log.push('start') }, write(c) { log.push(c) }, close() { log.push('close') }, abort(r) { log.push(r) } }, new CountQueuingStrategy({ highWaterMark: 2 })); const o = w.getWriter(); log.push(o.desiredSize); await o.ready; o.write('a'); o.write('b'); log.push(o.desiredSize); await o.close(); return log`,
    `const log = []; const w = new WritableStream({ write(c, k) { return new Promise(f => k.signal.addEventListener('abort', () => { log.push(String(k.signal.reason)); f() })) }, abort(r) { log.push(r) } }); const o = w.getWriter(); o.write(1).catch(e => log.push('write ' + e)); await new Promise(f => setTimeout(f, 1)); await o.abort('stop'); return log`,
    `const t = new TransformStream({ transform(c, k) { k.enqueue(c * 2) }, flush(k) { k.enqueue('end') } }); const l = []; for await (const e of ReadableStream.from([1, 2]).pipeThrough(t)) l.push(e); return l`,
    `const c = new AbortController(); const p = new ReadableStream({ pull() { c.abort('no') } }).pipeTo(new WritableStream(), { signal: c.signal }); return await p.catch(e => e)`,
    `const log = []; await new ReadableStream({ start(c) { c.error(new Error('bad')) } }).pipeTo(new WritableStream({ abort(e) { log.push(e.message) } })).catch(e => log.push(e.message)); return log`,
    `const s = new ByteLengthQueuingStrategy({ highWaterMark: 5 }); return [s.highWaterMark, s.size(new Uint8Array(3)), new CountQueuingStrategy({ highWaterMark: 1 }).size('abc')]`,
    `const parts = ['h', '\\ud83d', '\\ude00', '\\ud800']; const l = []; for await (const b of ReadableStream.from(parts).pipeThrough(new TextEncoderStream())) l.push([...b]); return l`,
    `const l = []; for await (const t of ReadableStream.from([[0xef, 0xbb, 0xbf, 0x61, 0xe2], [0x82], [0xac, 0xff]].map(b => new Uint8Array(b))).pipeThrough(new TextDecoderStream())) l.push(t); const d = new TextDecoderStream('utf-16le', { fatal: true }); return [l, d.encoding, d.fatal, d.ignoreBOM]`,
    `return [ReadableStream, WritableStream, TransformStream, ReadableStreamDefaultReader, ReadableStreamBYOBReader, WritableStreamDefaultWriter, CountQueuingStrategy].map(c => [c.name, c.length, Object.prototype.toString.call(Object.create(c.prototype)), Object.keys(c.prototype).sort()])`,
    caught('new ReadableStream({ start() { throw new RangeError("x") } })'),
    caught('(() => { const s = new ReadableStream(); s.getReader(); s.getReader() })()'),
    caught('new ReadableStream({ type: "nope" })'),
    caught('new ReadableStream({}, { highWaterMark: -1 })'),
    caught('new ReadableStreamDefaultController()'),
    caught('ReadableStream.from(5)'),
    caught('ReadableStream.from([1]).pipeTo({})'),
    caught(
      '(async () => { const w = new TextDecoderStream("utf-8", { fatal: true }); w.readable.getReader().read().catch(() => {}); await w.writable.getWriter().write(new Uint8Array([255])) })()',
    ),
    caught(
      '(async () => { const w = new TextDecoderStream(); w.readable.getReader().read().catch(() => {}); await w.writable.getWriter().write("text") })()',
    ),
  ])('%s', same);
});

test('a stream that nothing reads does not keep an execution', async () => {
  const { result, reason } = await engine.run(
    'new ReadableStream({ pull(c) { return new Promise(() => {}) } }).getReader().read(); "done"',
  );
  expect({ result, reason }).toEqual({ result: 'done', reason: 'Completed' });
});

test('an error of a stream that nothing handles ends the execution with its place', async () => {
  const { reason, error } = await engine.run(
    'const s = new ReadableStream({ pull() { throw new Error("dry") } }, { highWaterMark: 0 });\nawait s.getReader().read()',
  );
  expect({ reason, message: error?.message, line: error?.line }).toEqual({
    reason: 'RuntimeError',
    message: 'Error: dry',
    line: 1,
  });
});
