import { describe, expect, test } from '@jest/globals';
import type { ExecuteOptions, WebRequest } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';
import { ResponseReader } from './support/response-reader.ts';

const engine = engineForTests();

const GET: WebRequest = {
  url: 'https://shop.example/orders?open=1',
  method: 'GET',
  headers: [['accept', 'text/html']],
};
const post = (body: string): WebRequest => ({
  ...GET,
  method: 'POST',
  headers: [['content-type', 'application/json']],
  body: Buffer.from(body),
});

/** Has a web handler answer a request. */
async function answer(source: string, request = GET, options: ExecuteOptions = {}) {
  const reader = new ResponseReader();
  const outcome = await engine.run(source, { ...options, serve: { request, respond: reader.respond } });
  return { ...reader.response, reason: outcome.reason, error: outcome.error, outcome };
}

describe('a web handler', () => {
  test.each([
    ['a method fetch of what is exported', 'export default { fetch() { return new Response("hello"); } };'],
    ['a function', 'export default () => new Response("hello");'],
    ['an asynchronous function', 'export default async () => new Response("hello");'],
    ['TypeScript', 'export default { fetch(request: Request): Response { return new Response("hello"); } };'],
  ])('is %s', async (what, source) => {
    const reader = new ResponseReader();
    const name = what === 'TypeScript' ? 'shop.ts' : 'shop.js';
    const outcome = await engine.run(source, { name, serve: { request: GET, respond: reader.respond } });
    expect([outcome.reason, outcome.result]).toEqual(['Completed', undefined]);
    expect(reader.response).toMatchObject({
      status: 200,
      statusText: '',
      headers: [['Content-Type', 'text/plain;charset=UTF-8']],
      body: 'hello',
      isComplete: true,
    });
  });

  test.each([
    ['HTTPS://Shop.Example:443/a/../b?c', 'https://shop.example/b?c'],
    ['/shop', `TypeError: Request: '/shop' is not an absolute URL`],
    ['https://user@shop.example/', 'TypeError: Request: the URL holds credentials'],
  ])('is given the URL %s as %s', async (url, expected) => {
    const { body, error } = await answer('export default ({ url }) => new Response(url)', { ...GET, url });
    expect(error?.message ?? body).toBe(expected);
  });

  test('answers with a text of more than one part', async () => {
    const { body, reason } = await answer(`export default () => new Response('ü'.repeat(700_000) + '.')`);
    expect([reason, body.length, body.at(-1)]).toEqual(['Completed', 700_001, '.']);
  });

  test('is given the request, env and ctx, and is called as a method', async () => {
    const source = `export default {
      name: 'shop',
      async fetch(request, env, ctx) {
        const { url, method } = request;
        const seen = { url, method, type: request.headers.get('content-type'), body: await request.json(), env, self: this.name, ctx: typeof ctx.waitUntil };
        return Response.json(seen, { status: 201, headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2']] });
      },
    };`;
    const { status, headers, body } = await answer(source, post('{"a":[1]}'), {
      env: [{ name: 'REGION', value: 'eu' }],
    });
    expect(status).toBe(201);
    expect(headers).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['Content-Type', 'application/json'],
    ]);
    expect(JSON.parse(body)).toEqual({
      url: GET.url,
      method: 'POST',
      type: 'application/json',
      body: { a: [1] },
      env: { REGION: 'eu' },
      self: 'shop',
      ctx: 'function',
    });
  });

  test('may answer with bytes, with nothing, or from a stream', async () => {
    const bytes = 'export default () => new Response(new Uint8Array([0, 255, 10]));';
    expect((await answer(bytes)).bytes).toEqual(Buffer.from([0, 255, 10]));
    const nothing = await answer('export default () => new Response(null, { status: 204 });');
    expect(nothing).toMatchObject({ status: 204, headers: [], body: '', isComplete: true });
    const stream = `export default () => new Response(new ReadableStream({
      async start(controller) {
        for (const text of ['one ', 'two ', 'three']) {
          await new Promise((go) => setTimeout(go, 1));
          controller.enqueue(new TextEncoder().encode(text));
        }
        controller.close();
      },
    }));`;
    expect(await answer(stream)).toMatchObject({
      status: 200,
      body: 'one two three',
      isComplete: true,
      reason: 'Completed',
    });
  });

  test('gives a body of several megabytes, in parts', async () => {
    const { bytes, isComplete, reason } = await answer(
      'export default () => new Response(new Uint8Array(3_000_000).fill(7));',
    );
    expect([bytes.length, bytes.every((byte) => byte === 7), isComplete, reason]).toEqual([
      3_000_000,
      true,
      true,
      'Completed',
    ]);
  });

  test('waits until a part of its body has been taken', async () => {
    const source = `export default () => {
      let parts = 0;
      return new Response(new ReadableStream({ pull(controller) {
        if (parts === 5) return controller.close();
        console.log('part', parts);
        controller.enqueue(new Uint8Array([parts++]));
      } }, { highWaterMark: 0 }));
    };`;
    const { promise: taken, resolve: take } = Promise.withResolvers<void>();
    const { promise: first, resolve: sent } = Promise.withResolvers<void>();
    const lines: string[] = [];
    let parts = 0;
    const run = engine.run(source, {
      onLog: ({ message }) => lines.push(message),
      serve: {
        request: GET,
        respond: async ({ bytes }) => {
          if (bytes.length === 0 || ++parts > 1) return;
          sent();
          await taken;
        },
      },
    });
    await first;
    const before = parts;
    take();
    expect((await run).reason).toBe('Completed');
    expect([before, parts, lines.length]).toEqual([1, 5, 5]);
  });

  test('has answered before what it gives to ctx.waitUntil is done', async () => {
    const source = `export default { fetch(request, env, ctx) {
      ctx.waitUntil(new Promise((done) => setTimeout(done, 5)).then(() => console.log('later')));
      return new Response('now');
    } };`;
    const order: string[] = [];
    const serve = { request: GET, respond: () => void order.push('answered') };
    const { reason } = await engine.run(source, { serve, onLog: ({ message }) => order.push(message) });
    expect([reason, order]).toEqual(['Completed', ['answered', 'later']]);
  });

  test.each([
    ['before it answers', 0],
    ['after it has', 10],
  ])('has answered although what it gives to ctx.waitUntil %s never ends', async (_, turns) => {
    const source = `async function after(turns, act) {
      for (let i = 0; i < turns; i++) await undefined;
      act();
    }
    export default { fetch(request, env, ctx) {
      void after(${turns}, () => ctx.waitUntil(after(20, () => { for (;;); })));
      return new Response('now');
    } };`;
    const reader = new ResponseReader();
    const serve = { request: GET, respond: reader.respond };
    const { reason } = await engine.run(source, { serve, limits: { timeoutMs: 2000 } });
    expect([reason, reader.response.body]).toEqual([expect.stringMatching(/Exceeded/), 'now']);
  });

  test('that is asked for a head alone gives no body, and its length', async () => {
    const { headers, body, isComplete } = await answer('export default () => new Response("hello");', {
      ...GET,
      method: 'HEAD',
    });
    expect([body, isComplete]).toEqual(['', true]);
    expect(headers).toContainEqual(['content-length', '5']);
  });

  test('gets no body with a GET', async () => {
    const source =
      'export default async (request) => new Response((request.body === null) + " " + (await request.text()));';
    expect((await answer(source, { ...GET, body: Buffer.from('odd') })).body).toBe('true ');
  });

  test.each([
    ['throws', 'export default {\n  fetch() { throw new Error("no"); } };', 'Error: no', 2],
    [
      'gives no Response',
      'export default () => "hello";',
      /TypeError: the web handler gave a string: it must return a Response/,
      undefined,
    ],
    [
      'gives a network error',
      'export default () => Response.error();',
      /Response\.error\(\), which cannot be sent/,
      undefined,
    ],
    ['is not there', 'export const fetch = 1;', /exports no web handler/, undefined],
    ['is no module', '({ fetch() {} })', /a web handler is a module/, undefined],
    [
      'reads a body twice',
      'export default async (request) => { await request.text(); await request.text(); };',
      /read already/,
      undefined,
    ],
  ])('that %s ends with an error', async (_, source, message, line) => {
    const { reason, error, status } = await answer(source, post('{}'));
    expect([reason, status]).toEqual(['RuntimeError', undefined]);
    expect(error?.message).toMatch(message);
    if (line !== undefined) expect(error?.line).toBe(line);
  });

  test('whose stream fails has sent what came before', async () => {
    const source = `export default () => new Response(new ReadableStream({
      pull(controller) { controller.enqueue(new Uint8Array([1])); controller.error(new Error('broken')); },
    }, { highWaterMark: 0 }));`;
    const { reason, error, status, isComplete } = await answer(source);
    expect([reason, error?.message, status, isComplete]).toEqual(['RuntimeError', 'Error: broken', 200, false]);
  });

  test('cannot send what is no header, nor too many', async () => {
    const source = `export default () => {
      const headers = new Headers();
      for (let i = 0; i < 300; i++) headers.append('x-' + i, 'y');
      return new Response('', { headers });
    };`;
    expect((await answer(source)).error?.message).toMatch(/headers of the response are too long, or too many/);
    const split = String.raw`export default () => new Response('', { headers: { a: 'b\r\nc: d' } });`;
    expect((await answer(split)).reason).toBe('RuntimeError');
  });

  test('with a request that is too large does not run', async () => {
    const { reason, error } = await answer('export default () => new Response();', post('x'.repeat((1 << 20) + 1)));
    expect([reason, error?.message]).toEqual([
      'LimitsRefused',
      'the body of the request has 1048577 bytes; at most 1048576 are taken whole',
    ]);
  });

  test('has nothing of the requests before', async () => {
    const source =
      'globalThis.count = (globalThis.count ?? 0) + 1; export default () => new Response(globalThis.count);';
    for (let i = 0; i < 3; i++) expect((await answer(source)).body).toBe('1');
  });
});
