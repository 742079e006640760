import { describe, expect, test } from '@jest/globals';
import type { ExecuteOptions, WebRequest } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';
import { ResponseReader } from './support/response-reader.ts';

const engine = engineForTests({ pool: { size: 2 } });

const GET: WebRequest = { url: 'https://shop.example/', method: 'GET', headers: [] };
const COUNTER = `
let count = 0;
globalThis.left ??= [];
export default { async fetch(request, env) {
  left.push(new URL(request.url).pathname);
  return Response.json({ count: ++count, left, env, id: context.execution.id, user: context.user.id });
} };`;

/** Has a web handler answer a request, with a module that stays evaluated. */
async function answer(
  source: string,
  { url = GET.url, module = 'shop', ...options }: ExecuteOptions & { url?: string; module?: string } = {},
) {
  const reader = new ResponseReader();
  const serve = { request: { ...GET, url }, respond: reader.respond, module };
  const outcome = await engine.run(source, { ...options, serve });
  return { text: reader.response.body, reason: outcome.reason, error: outcome.error, logs: outcome.logs };
}
const counted = async (source: string, options?: Parameters<typeof answer>[1]) =>
  JSON.parse((await answer(source, options)).text);

describe('a module that stays evaluated', () => {
  test('answers one request after the other, each with its own request and context', async () => {
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      const context = { execution: { id: `run-${name}` }, user: { id: name } };
      const { count, left, id, user } = await counted(COUNTER, { url: `https://shop.example/${name}`, context });
      expect([count, left.at(-1), left.length, id, user]).toEqual([
        index + 1,
        `/${name}`,
        index + 1,
        `run-${name}`,
        name,
      ]);
    }
  });

  test.each<[string, string, Parameters<typeof answer>[1]]>([
    ['another endpoint', COUNTER, { module: 'other' }],
    ['another version', `${COUNTER}// 2`, {}],
    ['another tenant', COUNTER, { tenantKey: 'globex' }],
    ['another environment', COUNTER, { env: [{ name: 'REGION', value: 'eu' }] }],
  ])('is not seen by %s', async (_, source, options) => {
    await counted(COUNTER);
    expect((await counted(COUNTER)).count).toBeGreaterThan(1);
    expect(await counted(source, options)).toMatchObject({ count: 1, left: ['/'] });
  });

  test('reads the body of an earlier request, not that of the request which it answers', async () => {
    const source = `const requests = [];
      export default async (request) => {
        requests.push(request);
        return new Response(requests.length < 2 ? '' : (await Promise.all(requests.map((each) => each.text()))).join());
      };`;
    const texts: string[] = [];
    for (const body of ['first', 'second']) {
      const reader = new ResponseReader();
      const request = { ...GET, method: 'POST', body: Buffer.from(body) };
      await engine.run(source, { serve: { request, respond: reader.respond, module: 'bodies' } });
      texts.push(reader.response.body);
    }
    expect(texts).toEqual(['', 'first,second']);
  });

  test('is not seen by requests with a fresh context, nor by scripts', async () => {
    await counted(COUNTER);
    const reader = new ResponseReader();
    await engine.run(COUNTER, { serve: { request: GET, respond: reader.respond } });
    expect(JSON.parse(reader.response.body)).toMatchObject({ count: 1 });
    expect(await engine.result('typeof left')).toBe('undefined');
  });

  test('goes on after its handler has thrown, and has its place', async () => {
    const source = `let count = 0;
export default (request) => {
  count++;
  if (request.url.endsWith('/throw')) throw new Error('no');
  return new Response(count);
};`;
    expect((await answer(source)).text).toBe('1');
    const { reason, error } = await answer(source, { url: 'https://shop.example/throw' });
    expect([reason, error?.message, error?.line]).toEqual(['RuntimeError', 'Error: no', 4]);
    expect((await answer(source)).text).toBe('3');
  });

  test('logs, streams and waits as any other; timers of a request end with it', async () => {
    const source = `let ticks = 0;
export default { fetch(request, env, ctx) {
  setInterval(() => ticks++, 1);
  console.log('request', ticks);
  ctx.waitUntil(new Promise((done) => setTimeout(done, 5)));
  return new Response(new ReadableStream({ async pull(controller) {
    await new Promise((go) => setTimeout(go, 2));
    controller.enqueue(new TextEncoder().encode('tick'));
    controller.close();
  } }));
} };`;
    for (let i = 0; i < 3; i++) {
      const { text, reason, logs } = await answer(source);
      expect([text, reason, logs.length]).toEqual(['tick', 'Completed', 1]);
    }
  });

  test('that cannot be evaluated is tried again; one that was killed is evaluated anew', async () => {
    const broken = 'throw new Error("at the start"); export default () => new Response("");';
    for (let i = 0; i < 2; i++) expect((await answer(broken)).error?.message).toBe('Error: at the start');
    const source = `let count = 0;
export default (request) => { if (request.url.endsWith('/loop')) for (;;); return new Response(++count); };`;
    expect((await answer(source)).text).toBe('1');
    expect((await answer(source, { url: 'https://shop.example/loop', limits: { timeoutMs: 200 } })).reason).toMatch(
      /Exceeded/,
    );
    expect((await answer(source)).text).toBe('1');
  });

  test('that leaves a call under way is evaluated anew', async () => {
    const source = 'let count = 0; export default () => { void slow(); return new Response(++count); };';
    const setup: ExecuteOptions['setup'] = (host) => host.expose('slow', () => new Promise(() => {}));
    for (let i = 0; i < 2; i++) expect((await answer(source, { setup })).text).toBe('1');
  });
});
