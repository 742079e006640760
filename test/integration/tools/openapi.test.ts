import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRuntime, type ExecuteOptions, type ExecutionOutcome, type Runtime } from '../../../src/index.ts';
import type { RequestReport } from '../../../src/runtime/egress/request-record.ts';
import { type LocalServer, localServer } from '../../egress/support/server.ts';
import { ruleFor, withTools } from './support.ts';

const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
const DOCUMENT = {
  openapi: '3.1.0',
  servers: [{ url: '/v1' }],
  paths: {
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', schema: { type: 'integer' } }],
      get: { operationId: 'getOrder', responses: { 200: json({ type: 'object' }) } },
      delete: { operationId: 'cancel-order', responses: { 204: {} } },
    },
    '/orders': {
      post: { operationId: 'createOrder', requestBody: { required: true, ...json({}) }, responses: { 201: json({}) } },
    },
    '/report': { get: { responses: { 200: { content: { 'text/csv': {} } } } } },
    '/chart': { get: { responses: { 200: { content: { 'image/png': {} } } } } },
    '/large': { get: {} },
    '/slow': { get: {} },
  },
};

let server: LocalServer;
let runtime: Runtime;
beforeAll(async () => {
  server = await localServer(({ url, method, headers, body }, response) => {
    const answer = (status: number, type: string, content: string | Buffer = ''): void => {
      response.writeHead(status, { 'content-type': type }).end(content);
    };
    if (url === '/openapi.json') return answer(200, 'application/json', JSON.stringify(DOCUMENT));
    if (url === '/v1/report') return answer(200, 'text/csv', 'a,b');
    if (url === '/v1/chart') return answer(200, 'image/png', Buffer.from([1, 2]));
    if (url === '/v1/large') return answer(200, 'application/json', `"${'x'.repeat(3 << 20)}"`);
    if (url === '/v1/slow') return; // the client is to go
    if (url === '/v1/orders/404') return answer(404, 'application/json', '{"error":"no such order"}');
    if (method === 'DELETE') return answer(204, 'text/plain');
    answer(method === 'POST' ? 201 : 200, 'application/json', JSON.stringify({ url, body, key: headers['x-key'] }));
  });
  const openAPI = { url: `http://127.0.0.1:${server.port}/openapi.json` };
  runtime = createRuntime({
    ...withTools(
      [
        { name: 'shop', openAPI },
        { name: 'reader', openAPI, functions: ['get*'] },
        { name: 'hidden', openAPI, tenants: ['other'] },
        { name: 'local', openAPI: { configMapKeyRef: { name: 'api', key: 'doc' } } },
        { name: 'away', openAPI: { url: 'http://127.0.0.1:1/openapi.json' } },
        { name: 'missing', openAPI: { configMapKeyRef: { name: 'api', key: 'none' } } },
      ],
      [
        ruleFor(server.port, {
          name: 'shop',
          tools: ['shop', 'reader', 'hidden', 'local'],
          headers: [{ name: 'x-key', valueFrom: { secretKeyRef: { name: 'shop', key: 'key' } } }],
        }),
        ruleFor(1, { tools: ['away'] }),
      ],
      {
        secrets: { shop: { key: 'not-for-scripts' } },
        configMaps: {
          api: {
            doc: `openapi: 3.0.0\nservers: [{ url: "http://127.0.0.1:${server.port}/v2" }]\npaths: { /things: { get: { operationId: things } } }`,
          },
        },
      },
    ),
    pool: { size: 1 },
    limits: { apiCalls: 10, fetchBytes: 4 << 20 },
  });
  await runtime.ready();
});
afterAll(async () => {
  await runtime?.close();
  await server?.close();
});

const run = (source: string, options: ExecuteOptions = {}): Promise<ExecutionOutcome> =>
  runtime.execute(source, { context: { tenant: { id: 'acme' } }, ...options });
const resultOf = async (source: string): Promise<unknown> => {
  const outcome = await run(source);
  expect(outcome.error?.message).toBeUndefined();
  return outcome.result;
};
const errorOf = (call: string): Promise<unknown> =>
  resultOf(`try { await ${call}; null } catch ({ message, code, data }) { ({ message, code, data }) }`);

describe('functions of an OpenAPI document', () => {
  test('send requests with a credential that no script sees', async () => {
    const reports: RequestReport[] = [];
    const outcome = await run(`[await shop.getOrder({ id: 7 }), await shop.createOrder({ body: { a: 1 } })]`, {
      onFetch: (report) => void reports.push(report),
    });
    expect(outcome.result).toEqual([
      { url: '/v1/orders/7', body: '', key: '***' },
      { url: '/v1/orders', body: '{"a":1}', key: '***' },
    ]);
    expect(server.seen.at(-1)?.headers['x-key']).toBe('not-for-scripts');
    expect(outcome.usage).toMatchObject({ apiCalls: 2, fetches: 2, fetchBytesSent: 7 });
    expect(reports).toMatchObject([
      { rule: 'shop', tool: 'shop', method: 'GET', status: 200, outcome: '2xx' },
      { rule: 'shop', tool: 'shop', method: 'POST', status: 201 },
    ]);
  });

  test('are all that the object has, and cannot be replaced', async () => {
    const names = ['getOrder', 'cancel_order', 'createOrder', 'get_report', 'get_chart', 'get_large', 'get_slow'];
    expect(await resultOf('Object.keys(shop)')).toEqual(names);
    expect(await resultOf('Object.keys(reader)')).toEqual(names.filter((name) => name.startsWith('get')));
    expect(await resultOf('[Object.isFrozen(shop), Object.getPrototypeOf(shop), typeof shop.nothing]')).toEqual([
      true,
      null,
      'undefined',
    ]);
  });

  test('give JSON, text, nothing, or bytes in base64', async () => {
    expect(
      await resultOf('[await shop.get_report(), await shop.get_chart(), await shop.cancel_order({ id: 1 })]'),
    ).toEqual(['a,b', { mimeType: 'image/png', data: 'AQI=' }, null]);
  });

  test('fail with a code: the status of an answer and its body, an argument, a size', async () => {
    expect(await errorOf('shop.getOrder({ id: 404 })')).toEqual({
      message: 'shop.getOrder: the server answered with status 404: {"error":"no such order"}',
      code: 'HTTPError',
      data: { status: 404, body: { error: 'no such order' } },
    });
    expect(await errorOf('shop.getOrder()')).toEqual({
      message: "shop.getOrder: 'id' is missing",
      code: 'InvalidArguments',
    });
    expect(await errorOf('shop.get_large()')).toEqual({
      message: 'shop.get_large: the answer has more than 2 MiB',
      code: 'TooLarge',
    });
  });

  test('send no URL that is too long', async () => {
    const sent = server.seen.length;
    expect(await errorOf(`shop.getOrder({ id: '7'.repeat(500_000) })`)).toEqual({
      message: 'shop.getOrder: the URL would have more than 16384 characters',
      code: 'InvalidArguments',
    });
    expect(server.seen.length).toBe(sent);
  });

  test('fail where the call is, if nothing handles it', async () => {
    const { reason, error } = await run('\nawait shop.getOrder({ id: 404 })');
    expect([reason, error?.line]).toEqual(['RuntimeError', 2]);
  });

  test('come from a ConfigMap too', async () => {
    expect(await resultOf('await local.things()')).toMatchObject({ url: '/v2/things' });
  });

  test('count as calls and as bytes, within the limits of the execution', async () => {
    expect((await run('for (;;) await shop.get_report()')).reason).toBe('APICallsExceeded');
    const { reason } = await run('for (;;) await shop.get_large().catch(() => {})');
    expect(reason).toBe('FetchBytesExceeded');
  });

  test('end with the execution, whatever their server does', async () => {
    const { reason } = await run('await shop.get_slow()', { limits: { timeoutMs: 300 } });
    expect(reason).toBe('TimeoutExceeded');
  });

  test('are for the tenants of the tool', async () => {
    expect(await resultOf('typeof hidden')).toBe('undefined');
    const other = await run('Object.keys(hidden).length', { context: { tenant: { id: 'other' } } });
    expect(other.result).toBe(7);
  });

  test('of host functions with the same name come second', async () => {
    const setup: ExecuteOptions['setup'] = (host) => host.expose('shop.own', () => 1);
    expect((await run('[Object.keys(shop), await shop.own()]', { setup })).result).toEqual([['own'], 1]);
  });

  test('are not what fetch reaches', async () => {
    const url = `http://127.0.0.1:${server.port}/v1/report`;
    expect(await resultOf(`try { await fetch('${url}') } catch ({ cause }) { cause.message }`)).toBe(
      `no egress rule allows 127.0.0.1:${server.port}; see spec.egress`,
    );
  });
});

describe('a tool that cannot be loaded', () => {
  test('fails its calls with the reason, and others work', async () => {
    expect(await errorOf('away.anything({ a: 1 })')).toEqual({
      message: 'away.anything: it could not be loaded: the server refuses connections',
      code: 'Unavailable',
    });
    expect(await errorOf('missing.anything()')).toEqual({
      message: 'missing.anything: it could not be loaded: ConfigMap "api" with key "none" does not exist',
      code: 'Unavailable',
    });
    expect(await resultOf('const same = await away; [typeof same.x, await shop.get_report()]')).toEqual([
      'function',
      'a,b',
    ]);
  });

  test('is told, and declared with the reason', async () => {
    expect(runtime.toolProblems()).toEqual([
      { name: 'away', message: 'the server refuses connections' },
      { name: 'missing', message: 'ConfigMap "api" with key "none" does not exist' },
    ]);
    const types = await runtime.toolTypes('acme');
    expect(types).toContain('getOrder(input: {\n    id: number;\n  }): Promise<Record<string, any>>;');
    expect(types).toContain('/** Calls fail: the server refuses connections */\ndeclare const away:');
    expect(types).not.toContain('hidden');
  });
});

test('in a trace, the requests of a call are within it', async () => {
  const trace = { traceID: 'a'.repeat(32), spanID: 'b'.repeat(16), isSampled: true };
  const { spans = [], error } = await runtime.execute('await shop.getOrder({ id: 7 })', { trace });
  expect(error).toBeUndefined();
  const call = spans.find(({ name }) => name === 'call shop.getOrder');
  const request = spans.find(({ name }) => name === 'GET');
  expect(call).toBeDefined();
  expect(request).toMatchObject({ parentSpanID: call?.spanID, attributes: { 'http.response.status_code': 200 } });
});

const keyFor = (tenant: string): object => ({ name: 'x-tenant', value: tenant });
const documentFor = (tenant = 'nobody'): string =>
  JSON.stringify({ openapi: '3.1.0', paths: { '/a': { get: { operationId: `of-${tenant}` } } } });

test('a tool is loaded for each tenant that egress rules tell apart, also where its URL redirects to what these differ in', async () => {
  const target = await localServer(({ headers }, response) => {
    response.end(documentFor(headers['x-tenant'] as string));
  });
  const source = await localServer((_, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${target.port}/` }).end();
  });
  const tools = [{ name: 'moved', openAPI: { url: `http://127.0.0.1:${source.port}/` } }];
  const rules = ['acme', 'other'].map((tenant) =>
    ruleFor(target.port, { tenants: [tenant], headers: [keyFor(tenant)] }),
  );
  const redirected = createRuntime({ ...withTools(tools, [ruleFor(source.port), ...rules]), pool: { size: 1 } });
  try {
    const namesFor = async (id: string): Promise<unknown> =>
      (await redirected.execute('Object.keys(moved)', { context: { tenant: { id } } })).result;
    expect([await namesFor('acme'), await namesFor('other')]).toEqual([['of_acme'], ['of_other']]);
    expect(await redirected.toolTypes('third')).toContain('Calls fail: no egress rule allows GET http');
    expect(await redirected.toolTypes('other')).not.toContain('acme');
    // Tenants without a rule are not meant to have it.
    expect(redirected.toolProblems()).toEqual([]);
  } finally {
    await redirected.close();
    await source.close();
    await target.close();
  }
});
