/** CompressionStream, DecompressionStream and URLPattern: scripts run in the sandbox and in this Node, whose answers must be the same. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';
import { caught, sameAsNode } from './support/same-as-node.ts';

const engine = engineForTests();
const same = (body: string): Promise<void> => sameAsNode(engine, body);
const PRELUDE = `const through = async (stream, ...chunks) => { const w = stream.writable.getWriter(); const done = (async () => { for (const c of chunks) await w.write(c); await w.close() })(); done.catch(() => {}); const b = await new Response(stream.readable).bytes(); await done; return b };
  const text = (t) => new TextEncoder().encode(t);`;

describe('compression', () => {
  test.each(
    ['gzip', 'deflate', 'deflate-raw', 'brotli'].flatMap((format) => [
      `${PRELUDE} const c = await through(new CompressionStream('${format}'), text('hello '), text('hello '.repeat(1000))); const d = await through(new DecompressionStream('${format}'), c.subarray(0, 5), c.subarray(5)); return [c.length < 200, new TextDecoder().decode(d).length]`,
      `${PRELUDE} const c = await through(new CompressionStream('${format}')); return (await through(new DecompressionStream('${format}'), c)).length`,
      `${PRELUDE} const c = await through(new CompressionStream('${format}'), text('x'.repeat(100))); const out = []; for (const bad of [c.subarray(0, -1), new Uint8Array([...c, 1])]) out.push(await through(new DecompressionStream('${format}'), bad).catch((e) => e.name)); return out`,
      `${PRELUDE} const c = await through(new CompressionStream('${format}'), text('all of it')); const d = new DecompressionStream('${format}'); const w = d.writable.getWriter(); w.closed.catch(() => {}); w.write(new Uint8Array([...c, 0])).catch(() => {}); const r = d.readable.getReader(); return [new TextDecoder().decode((await r.read()).value), await r.read().catch((e) => e.name)]`,
      `${PRELUDE} return await through(new DecompressionStream('${format}'), new Uint8Array([255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).catch((e) => e.name)`,
    ]),
  )('%s', same);

  test.each([
    caught('new CompressionStream("nope")'),
    caught('new DecompressionStream()'),
    `return [Object.keys(CompressionStream.prototype), String(new DecompressionStream('gzip'))]`,
  ])('%s', same);

  test('a text is not bytes', async () => {
    const source = `(async () => { ${PRELUDE} return through(new CompressionStream('gzip'), 'text').catch((e) => e.name) })()`;
    expect(await engine.result(source)).toBe('TypeError');
  });

  test('a stream that is cancelled, or aborted, ends both sides', async () => {
    const source = `const a = new CompressionStream('gzip'); const w = a.writable.getWriter(); await a.readable.cancel('enough');
      const b = new CompressionStream('gzip'); const v = b.writable.getWriter(); const write = v.write(new Uint8Array(5)).catch((e) => e); await v.abort('stop');
      [await w.write(new Uint8Array(1)).catch((e) => e), await write, await b.readable.getReader().read().catch((e) => e)]`;
    expect(await engine.result(source)).toEqual(['enough', 'stop', 'stop']);
  });

  test('what the sandbox compresses is read outside, and the other way', async () => {
    const text = Array.from({ length: 3000 }, (_, i) => `line ${i * 7919}\n`).join('');
    const source = `const gz = Uint8Array.from(atob(params.gz), (c) => c.charCodeAt(0)); const stream = new Response(gz).body.pipeThrough(new DecompressionStream('gzip'));
      const text = await new Response(stream).text(); const back = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).bytes();
      [text.length, btoa(Array.from(back, (n) => String.fromCharCode(n)).join(''))]`;
    const params = { gz: gzipSync(text).toString('base64') };
    const [length, back] = (await engine.result(source, { params })) as [number, string];
    expect(length).toBe(text.length);
    expect(gunzipSync(Buffer.from(back, 'base64')).toString()).toBe(text);
  });
});

describe('URLPattern works as in Node', () => {
  test.each([
    `const p = new URLPattern({ pathname: '/books/:id(\\\\d+)/:rest*' }); return [p.test('https://a.example/books/5'), p.test({ pathname: '/books/x' }), p.exec('https://a.example/books/5/a/b'), p.hasRegExpGroups, p.pathname, p.hostname]`,
    `const p = new URLPattern('/a/*', 'https://b.example'); return [p.test('/a/b', 'https://b.example'), p.test('/a/b', 'https://c.example'), p.protocol, p.port, p.search, p.hash, p.username, p.password]`,
    `const p = new URLPattern({ pathname: '/A/:b?' }, { ignoreCase: true }); const m = p.exec({ pathname: '/a' }); return [m.inputs, m.pathname.groups, 'b' in m.pathname.groups, m.pathname.groups.b === undefined]`,
    `return [new URLPattern().test('https://a.example'), new URLPattern({}).exec('nope'), new URLPattern('https://:sub.example.com/').exec('https://x.example.com/').hostname]`,
    caught('new URLPattern("/a")'),
    caught('new URLPattern({ pathname: "(" })'),
    caught('new URLPattern({}, "https://a.example")'),
    caught('URLPattern.prototype.test.call({}, "a")'),
  ])('%s', same);
});
