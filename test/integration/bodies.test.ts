/** Headers, Request, Response, Blob, File and FormData: scripts run in the sandbox and in this Node, whose answers must be the same. */
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';
import { caught, sameAsNode } from './support/same-as-node.ts';

const engine = engineForTests({ limits: { memoryBytes: 256 << 20, cpuTimeMs: 20_000, timeoutMs: 30_000 } });
const same = (body: string): Promise<void> => sameAsNode(engine, body);

describe('Headers work as in Node', () => {
  test.each([
    `const h = new Headers({ 'X-B': ' 1 ', a: '2' }); h.append('x-b', '3'); h.append('Set-Cookie', 'a=1'); h.append('set-cookie', 'b=2'); return [[...h], h.get('X-b'), h.get('set-cookie'), h.getSetCookie(), h.has('A'), h.get('none')]`,
    `const h = new Headers([['a', '1'], ['b', '2']]); const seen = []; for (const [k] of h) { seen.push(k); h.delete('b') } h.set('A', 'x'); return [seen, [...h.keys()], [...h.values()], [...new Headers(h)]]`,
    `const h = new Headers([['c', '1'], ['a', '2'], ['c', '3']]); h.set('c', '4'); const l = []; h.forEach(function (v, k, o) { l.push(k, v, o === h, this.x) }, { x: 1 }); return l`,
    `return [Object.keys(Headers.prototype).sort(), Headers.name, String(new Headers()), String(new Headers().entries())]`,
    caught('new Headers({ "a b": "c" })'),
    caught('new Headers({ a: "b\\nc" })'),
    caught('new Headers({ a: "\\u0100" })'),
    caught('new Headers([["a"]])'),
    caught('new Headers(null)'),
    caught('new Headers("a")'),
    caught('new Headers().append("a")'),
    caught('new Headers().get("")'),
    caught('[...new Headers({ a: "\\n b\\n" })]'),
    caught('Response.redirect("https://a.example/").headers.set("a", "b")'),
  ])('%s', same);
});

describe('Response works as in Node', () => {
  test.each([
    `const r = new Response('hé', { status: 201, statusText: 'Made', headers: { a: 'b' } }); return [r.status, r.statusText, r.ok, r.type, r.url, r.redirected, [...r.headers], r.bodyUsed, await r.text(), r.bodyUsed]`,
    `const r = new Response(new Uint8Array([1, 2])); const c = r.clone(); return [[...await r.bytes()], new Uint8Array(await c.arrayBuffer()).length, r.headers.get('content-type')]`,
    `const r = Response.json({ a: [1] }, { status: 418 }); return [await r.json(), r.status, r.headers.get('content-type')]`,
    `const r = Response.error(); return [r.type, r.status, r.ok, r.body]`,
    `const r = Response.redirect('https://a.example/x', 307); return [r.status, r.headers.get('location')]`,
    `const r = new Response(new URLSearchParams({ a: 'b c' })); const t = r.headers.get('content-type'); return [t, [...await r.formData()]]`,
    `const form = (text) => new Response(text, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData(); return [...await form('\\ufeffa=b')]`,
    `const b = await new Response('x', { headers: { 'content-type': 'Text/Plain; CHARSET=utf-8' } }).blob(); return [b.type, b.size]`,
    `const r = new Response(ReadableStream.from([new Uint8Array([104]), new Uint8Array([105])])); return [r.headers.get('content-type'), await r.text(), r.bodyUsed, r.body.locked]`,
    `const r = new Response('abc'); const reader = r.body.getReader(); return [[...(await reader.read()).value], (await reader.read()).done, r.bodyUsed]`,
    `const r = new Response('abc'); const c = r.clone(); r.body; const d = c.clone(); return [await c.text(), await d.text(), await r.text()]`,
    `const chunk = new Uint8Array([1, 2]); const r = new Response(new ReadableStream({ start(c) { c.enqueue(chunk); c.close() } })); const [a, b] = [r.clone(), r].map((each) => each.body.getReader()); const [one, two] = [await a.read(), await b.read()]; return [one.value === two.value, one.value.buffer === two.value.buffer, [...one.value], [...two.value], (await a.read()).done]`,
    `const r = new Response('abc'); const [a, b] = r.body.tee(); return [await new Response(a).text(), await new Response(b).text(), r.bodyUsed]`,
    `return [await new Response('\\ufeffa').text(), await new Response().text(), new Response().body, new Response(null).bodyUsed, (await new Response('').text())]`,
    `return (await new Response(new Uint8Array([0xff, 0x61])).text())`,
    caught('new Response("a").json()'),
    caught('new Response("a", { status: 204 })'),
    caught('new Response("a", { status: 99 })'),
    caught('new Response("a", { statusText: "a\\nb" })'),
    caught('Response.json(undefined)'),
    caught('Response.redirect("https://a.example", 200)'),
    caught('new Response("a", { headers: { "content-type": "text/plain" } }).formData()'),
    caught('(async () => { const r = new Response("a"); await r.text(); return r.text() })()'),
    caught('(async () => { const r = new Response("a"); r.body.getReader(); return r.text() })()'),
    caught('(async () => { const r = new Response("a"); await r.text(); return r.clone() })()'),
    caught('new Response(ReadableStream.from(["text"])).text()'),
    caught('(() => { const s = ReadableStream.from([]); s.getReader(); return new Response(s) })()'),
    caught('Response.prototype.text.call({})'),
    `return Object.keys(Response.prototype).sort().filter((k) => k !== 'textStream')`,
  ])('%s', same);
});

describe('fetch of data: URLs works as in Node', () => {
  test.each([
    `const r = await fetch('data:text/plain;charset=utf-8;base64,aMOp'); return [r.status, r.statusText, r.ok, r.type, r.url, r.redirected, [...r.headers], await r.text()]`,
    `const r = await fetch('data:,a%20%zz%e9b#c'); return [r.url, [...r.headers], [...await r.bytes()]]`,
    `return (await fetch(new Request('data:application/json,{"a":[1]}', { method: 'POST', body: 'x' }))).json()`,
    caught('fetch("data:nothing")'),
    caught('fetch("data:;base64,=")'),
  ])('%s', same);
});

describe('Request works as in Node', () => {
  test.each([
    `const r = new Request('https://a.example/x?y#z'); return [r.method, r.url, [...r.headers], r.body, r.redirect, r.credentials, r.cache, r.mode, r.referrer, r.referrerPolicy, r.integrity, r.keepalive, r.destination, r.signal.aborted, r.duplex]`,
    `const r = new Request('https://a.example', { method: 'post', body: 'a=b', headers: { 'x-a': '1' } }); const c = new Request(r, { headers: { b: 'c' } }); return [r.method, r.bodyUsed, c.method, [...c.headers], await c.text()]`,
    `const r = new Request('https://a.example', { method: 'PUT', body: ReadableStream.from([new Uint8Array([97])]), duplex: 'half' }); const c = r.clone(); return [await r.text(), await c.text()]`,
    `const r = new Request('https://a.example', { method: 'patch', body: new Blob(['x'], { type: 'a/b' }) }); return [r.method, r.headers.get('content-type'), (await r.blob()).type]`,
    `const c = new AbortController(); const r = new Request('https://a.example', { signal: c.signal }); const d = r.clone(); c.abort('why'); return [r.signal === c.signal, r.signal.aborted, d.signal.reason, new Request(r).signal.aborted]`,
    caught('new Request("/x")'),
    caught('new Request("https://u:p@a.example")'),
    caught('new Request("https://a.example", { method: "CONNECT" })'),
    caught('new Request("https://a.example", { method: "a b" })'),
    caught('new Request("https://a.example", { body: "a" })'),
    caught('new Request("https://a.example", { method: "POST", body: ReadableStream.from([]) })'),
    caught('new Request("https://a.example", { redirect: "nope" })'),
    caught('new Request("https://a.example", { mode: "navigate" })'),
    `const r = new Request('https://a.example'); const c = r.clone(); return [r.signal === r.signal, c.signal === r.signal, c.signal instanceof AbortSignal, new Request(r, { signal: null }).signal.aborted]`,
    `const c = new AbortController(); const r = new Request(new Request('https://a.example', { signal: c.signal })); c.abort('why'); return [r.signal.reason, r.clone().signal.reason]`,
    `const r = new Response('\ufeffü'); const [a, b] = [r.clone(), r.clone()]; return [await r.text(), (await a.bytes()).length, [...(await b.text())]]`,
    `const headers = new Headers({ a: '1' }); const r = new Response('', { headers }); headers.set('a', '2'); r.headers.append('b', '3'); return [[...r.headers], r.headers === r.headers, [...r.clone().headers]]`,
    `const r = new Response(new URLSearchParams('a=ü')); return [r.headers.get('content-type'), await r.text()]`,
    caught('new Request("https://a.example", { signal: {} })'),
    caught(
      '(async () => { const r = new Request("https://a.example", { method: "POST", body: "a" }); await r.text(); return new Request(r) })()',
    ),
  ])('%s', same);
});

describe('Blob, File and FormData work as in Node', () => {
  test.each([
    `const b = new Blob(['abcd']); return Promise.all([0.5, 1.5, 2.5, 3.5, -0.5, -1.5, 1.4, 1.6].map((at) => b.slice(at).text()))`,
    `const parts = [{ toString() { parts.pop(); return 'a' } }, 'b', 'c']; return new Blob(parts).text()`,
    `let reads = 0; const parts = { get [Symbol.iterator]() { reads++; return () => ['x'].values() } }; return [await new Blob(parts).text(), reads]`,
    `const b = new Blob(['hé', new Uint8Array([33]), new Blob(['x'])], { type: 'Text/Plain' }); return [b.size, b.type, await b.text(), await b.slice(1, -1, 'a/b').text(), b.slice(1, 2, 'A/B').type, new Uint8Array(await b.arrayBuffer()).length, [...await b.slice(-2).bytes()]]`,
    `const n = []; for await (const c of new Blob(['x'.repeat(200000)]).stream()) n.push(c.length); return n.reduce((a, b) => a + b)`,
    `const f = new File(['a'], 'ü.txt', { type: 'a/b', lastModified: 5 }); return [f.name, f.lastModified, f.type, f.size, f instanceof Blob, String(f)]`,
    `return [new Blob(['a\\r\\nb\\n'], { endings: 'native' }).size, new Blob([], { type: 'é' }).type, new Blob().size]`,
    `const f = new FormData(); f.append('a', 1); f.append('a', 'ü'); f.set('b', new Blob(['x']), 'n.txt'); f.append('c', new Blob(['y'])); f.delete('none'); return [f.get('a'), f.getAll('a'), f.has('b'), f.get('b').name, f.get('c').name, f.get('none'), [...f.keys()]]`,
    `const f = new FormData(); f.append('a"\\n', 'x\\ny'); f.append('f', new File(['\\r\\n--'], 'n"\\r.bin')); const r = new Response(f); const g = await r.formData(); return [[...g].map(([k, v]) => [k, typeof v === 'string' ? v : [v.name, v.type]]), await g.get('f').text()]`,
    `const t = '--b\\r\\nContent-Disposition: form-data; name="a"\\r\\n\\r\\n\\r\\n--b\\r\\ncontent-type: text/x\\r\\ncontent-disposition: form-data; name="f"; filename="g"\\r\\n\\r\\nx\\r\\n--b--\\r\\n'; const f = await new Response(t, { headers: { 'content-type': 'multipart/form-data; boundary="b"' } }).formData(); return [f.get('a'), f.get('f').type, f.get('f').name, await f.get('f').text()]`,
    ...[
      '--b',
      '--b\\r\\n',
      '--b\\r\\nx\\r\\n\\r\\ny\\r\\n--b--',
      '--c--',
      '',
      '--b\\r\\nContent-Disposition: form-data\\r\\n\\r\\n\\r\\n--b--',
    ].map((text) =>
      caught(`new Response('${text}', { headers: { 'content-type': 'multipart/form-data; boundary=b' } }).formData()`),
    ),
    caught('new Blob("a")'),
    caught('new Blob(5)'),
    caught('new Blob([], { endings: "x" })'),
    caught('new File([])'),
    caught('new FormData().append("a", "b", "c")'),
    caught('new FormData({})'),
    caught('Blob.prototype.text.call({})'),
  ])('%s', same);

  test('a question mark at the start of a form is a part of its first name, where Node takes it away', async () => {
    const source = `const r = new Response('?a=b', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }); [...await r.formData()]`;
    expect(await engine.result(source)).toEqual([['?a', 'b']]);
  });

  test('a text longer than what is converted at once is whole', async () => {
    const source = `const text = 'aé€😀'.repeat(2 << 20); const blob = new Blob([text]); const back = await blob.text(); [blob.size, back === text]`;
    expect(await engine.result(source)).toEqual([(1 + 2 + 3 + 4) * (2 << 20), true]);
  });
});
