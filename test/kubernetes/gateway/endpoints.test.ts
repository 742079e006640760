import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptEndpoint } from '../../../src/api/types.generated.ts';
import { expectAnsweredInParts } from '../../support/answered-in-parts.ts';
import { DuplexRequest } from '../../support/duplex-request.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { GatewayProcess, userToken } from './support/gateway-process.ts';

/** Where clients would reach the gateway. */
const PUBLIC = 'https://copepod.example';

let cluster: Cluster;
let gateway: GatewayProcess;
let token: string;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator({ env: { COPEPOD_GATEWAY_URL: PUBLIC } })).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  await cluster.startPod('default');
  gateway = await GatewayProcess.start(cluster, ['--gateway-url', PUBLIC]);
  token = await userToken(cluster, 'caller', { mayExecute: true });
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
});

const objectOf = (name: string) => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptEndpoint',
  metadata: { name, namespace: cluster.namespace },
});

/** Creates or changes an endpoint that needs no authentication unless its spec says so. */
async function make(name: string, spec: object): Promise<void> {
  await cluster.api.apply({ ...objectOf(name), spec: { auth: { type: 'None' }, ...spec } });
}

/** Waits until an endpoint has a condition Ready with this status and reason. */
async function told(name: string, expected: string): Promise<ScriptEndpoint> {
  return await eventually(async () => {
    const path = await cluster.api.pathOf(objectOf(name));
    const endpoint = (await cluster.api.request('GET', path)) as unknown as ScriptEndpoint;
    const ready = endpoint.status.conditions?.find(({ type }) => type === 'Ready');
    expect(endpoint.status.observedGeneration).toBe(endpoint.metadata.generation);
    expect(`${ready?.status} ${ready?.reason}`).toBe(expected);
    return endpoint;
  });
}

const messageOf = ({ status }: ScriptEndpoint): string | undefined =>
  status.conditions?.find(({ type }) => type === 'Ready')?.message;

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://${gateway.address}:8080/${cluster.namespace}/${path}`, { redirect: 'manual', ...init });

/** Makes an endpoint, and waits until the gateway has it. */
async function served(name: string, spec: object): Promise<void> {
  await make(name, spec);
  await told(name, 'True Serving');
  await eventually(async () =>
    expect(await gateway.text('TRACE', `/${cluster.namespace}/${name}`, {})).toMatchObject({ code: 405 }),
  );
}

describe('an endpoint', () => {
  test('is served, and tells where', async () => {
    await served('hello', {
      env: [{ name: 'REGION', value: 'eu' }],
      source: `export default { async fetch(request, env) {
        const { pathname, search } = new URL(request.url);
        const prefix = request.headers.get('x-forwarded-prefix');
        return Response.json({ pathname, search, prefix, body: await request.text(), env, tenant: context.tenant.id, user: context.user.id }, { status: 201 });
      } };`,
    });
    const answer = await call('hello/a/b?c=d', {
      method: 'POST',
      body: 'text',
      headers: { 'x-request-id': 'order-7' },
    });
    expect([answer.status, answer.headers.get('x-request-id'), answer.headers.get('content-type')]).toEqual([
      201,
      'order-7',
      'application/json',
    ]);
    expect(await answer.json()).toEqual({
      pathname: '/a/b',
      search: '?c=d',
      prefix: `/${cluster.namespace}/hello`,
      body: 'text',
      env: { REGION: 'eu' },
      tenant: cluster.namespace,
      user: '',
    });
    const { status } = await told('hello', 'True Serving');
    expect(status.url).toBe(`${PUBLIC}/${cluster.namespace}/hello`);
    await eventually(() =>
      expect(gateway.log).toContainEqual(
        expect.objectContaining({
          message: 'request',
          endpoint: 'hello',
          requestID: 'order-7',
          code: 201,
          reason: 'Completed',
        }),
      ),
    );
  });

  test('streams its response as it comes, and is cancelled when the client goes away', async () => {
    await served('stream', {
      source: `export default () => new Response(new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode('data: 1\\n\\n'));
          // It waits before it is said to run: the end may come in between.
          const waits = gate('streaming');
          await count('streaming');
          await waits;
          controller.close();
        },
      }), { headers: { 'content-type': 'text/event-stream' } });`,
    });
    const client = new AbortController();
    const answer = await call('stream', { signal: client.signal });
    const reader = answer.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: 1\n\n');
    await eventually(() => expect(cluster.journal.runsOf('streaming')).toBe(1));
    client.abort();
    await eventually(() => expect(cluster.journal.wasStoppedAt('streaming')).toBe(true));
  });

  test.each(['None', 'Module'])('reads its request while that arrives, with reuse: %s', async (reuse) => {
    const name = `duplex-${reuse.toLowerCase()}`;
    await served(name, { reuse, source: 'export default (request) => new Response(request.body);' });
    const target = { host: gateway.address, port: 8080, path: `/${cluster.namespace}/${name}` };
    await expectAnsweredInParts(new DuplexRequest(target));
    const long = new DuplexRequest(target);
    for (let i = 0; i < 3; i++) long.write(Buffer.alloc(1 << 20, 'x'));
    long.end();
    expect((await long.text()).length).toBe(3 << 20);
  });

  test('whose client goes away while its script goes on has a body that breaks off', async () => {
    await served('goes-on', {
      source: `export default (request, env, ctx) => {
        ctx.waitUntil(request.text().catch(({ name }) => count('broken-off-' + name)));
        return new Response('answered');
      };`,
    });
    const request = new DuplexRequest({ host: gateway.address, port: 8080, path: `/${cluster.namespace}/goes-on` });
    request.write('first');
    expect(await request.text()).toBe('answered');
    request.destroy();
    await eventually(() => expect(cluster.journal.runsOf('broken-off-TypeError')).toBe(1));
  });

  test('that fails is answered with 500, and says why in the log alone', async () => {
    await served('broken', { source: 'export default () => {\n  throw new Error("sesame");\n};' });
    const answer = await call('broken');
    expect([answer.status, await answer.text()]).toEqual([500, 'the script failed\n']);
    await eventually(() =>
      expect(gateway.log).toContainEqual(
        expect.objectContaining({
          endpoint: 'broken',
          code: 500,
          failure: 'RuntimeError: Error: sesame (broken.js:2:9)',
        }),
      ),
    );
  });

  test('whose script does not compile says where, and is ready once it does', async () => {
    await make('typo', { language: 'TypeScript', source: 'export default {\n  fetch( { return 1; }\n};' });
    const endpoint = await told('typo', 'False CompilationError');
    expect(messageOf(endpoint)).toMatch(/typo\.ts:2:\d+: /);
    await make('typo', { language: 'TypeScript', source: 'export default () => new Response("well");' });
    await told('typo', 'True Serving');
    await eventually(async () => expect(await (await call('typo')).text()).toBe('well'));
  });

  test('has its script from a ConfigMap, in its latest version', async () => {
    await make('site', { sourceFrom: { configMapRef: { name: 'site', main: 'main.js' } } });
    expect(messageOf(await told('site', 'False SourceNotFound'))).toContain('ConfigMap "site"');
    const main = 'import { text } from "./text.js"; export default () => new Response(text);';
    await cluster.makeSource('site', { 'main.js': main, 'text.js': 'export const text = "one";' });
    await told('site', 'True Serving');
    await eventually(async () => expect(await (await call('site')).text()).toBe('one'));
    await cluster.makeSource('site', { 'main.js': main, 'text.js': 'export const text = ;' });
    expect(messageOf(await told('site', 'False CompilationError'))).toContain('text.js:1:');
  });

  test('is served for its hostnames, which a later one does not take', async () => {
    await served('shop', {
      hostnames: ['shop.example'],
      path: '/orders',
      source: 'export default (request) => new Response(new URL(request.url).pathname);',
    });
    expect((await told('shop', 'True Serving')).status.url).toBe('https://shop.example/orders');
    const answer = await gateway.text('GET', '/orders/7', { host: 'shop.example:80' });
    expect(answer).toEqual({ code: 200, text: '/orders/7' });
    expect((await gateway.text('GET', '/', { host: 'shop.example' })).code).toBe(404);
    await make('yet-another', {
      hostnames: ['shop.example'],
      path: '/orders',
      source: 'export default () => new Response("");',
    });
    expect(messageOf(await told('yet-another', 'False HostnameTaken'))).toContain(`${cluster.namespace}/shop`);
  });

  test('has no host of the gateway, whose paths stay those of all endpoints', async () => {
    await served('shop', { source: 'export default () => new Response("shop");' });
    const names = ['copepod.example', `copepod-gateway.${cluster.ownNamespace}`];
    await make('thief', {
      hostnames: [...names, 'thief.example'],
      source: 'export default () => new Response("thief");',
    });
    const endpoint = await told('thief', 'False HostnameReserved');
    for (const name of names) expect(messageOf(endpoint)).toContain(`${name} is the host of the gateway itself`);
    expect(endpoint.status.url).toBe('https://thief.example/');
    const text = async (host: string) => (await gateway.text('GET', `/${cluster.namespace}/shop`, { host })).text;
    await eventually(async () => expect(await text('thief.example')).toBe('thief'));
    for (const name of names) expect(await text(name)).toBe('shop');
  });

  test('serves its methods, and no more requests at once than it may', async () => {
    await served('few', {
      methods: ['POST'],
      concurrency: 1,
      source: `export default async () => { await count('few'); await gate('few'); return new Response('done'); };`,
    });
    const wrong = await call('few');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    const first = call('few', { method: 'POST' });
    await eventually(() => expect(cluster.journal.runsOf('few')).toBe(1));
    const second = await call('few', { method: 'POST' });
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    cluster.journal.open('few');
    expect(await (await first).text()).toBe('done');
  });

  test('lets pages of its origins call it, and read why it refuses', async () => {
    const origin = 'https://pages.example';
    const cors = { allowOrigins: ['https://*.example'], allowHeaders: ['Authorization'], maxAge: 60 };
    await make('pages', { auth: { type: 'Kubernetes' }, cors, source: 'export default () => new Response("read");' });
    await make('pages-lost', {
      runtimeRef: { name: 'nothing' },
      cors,
      source: 'export default () => new Response("");',
    });
    const ask = { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
    for (const name of ['pages', 'pages-lost']) {
      const preflight = await eventually(async () => {
        const answer = await call(name, { method: 'OPTIONS', headers: ask });
        expect(answer.status).toBe(204);
        return answer;
      });
      expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
      expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization');
    }
    for (const [name, headers, status] of [
      ['pages', {}, 401],
      ['pages', { authorization: `Bearer ${token}` }, 200],
      ['pages-lost', {}, 503],
    ] as const) {
      const answer = await call(name, { headers: { origin, ...headers } });
      const allowed = answer.headers.get('access-control-allow-origin');
      expect([name, answer.status, allowed, answer.headers.get('vary')]).toEqual([name, status, origin, 'Origin']);
    }
  });

  test('takes bodies of up to 64 MiB', async () => {
    await served('size', { source: 'export default async (request) => new Response((await request.bytes()).length);' });
    expect(await (await call('size', { method: 'POST', body: new Uint8Array(1 << 20) })).text()).toBe('1048576');
    expect(await (await call('size', { method: 'POST', body: new Uint8Array((1 << 20) + 1) })).text()).toBe('1048577');
    const headers = { 'content-length': String((64 << 20) + 1) };
    const path = `/${cluster.namespace}/size`;
    const tooLong = new DuplexRequest({ host: gateway.address, port: 8080, path, headers });
    expect((await tooLong.head()).statusCode).toBe(413);
    tooLong.destroy();
  });

  test('without a runtime is not ready, and answers 503', async () => {
    await make('lost', { runtimeRef: { name: 'nothing' }, source: 'export default () => new Response("");' });
    await told('lost', 'False RuntimeNotFound');
    await eventually(async () => expect((await call('lost')).status).toBe(503));
  });

  test('that its runtime refuses says so', async () => {
    await make('big', { limits: { memory: '4Gi' }, source: 'export default () => new Response("");' });
    expect(messageOf(await told('big', 'False LimitsRefused'))).toContain('limits.memory asks for 4Gi');
  });

  test('with authentication by the cluster takes users who may execute, and hides their tokens from the script', async () => {
    const source = `export default async (request) => {
      await count('secured');
      return Response.json({ authorization: request.headers.get('authorization'), user: context.user.id });
    };`;
    await make('secured', { auth: {}, source });
    await told('secured', 'True Serving');
    await eventually(async () => expect((await call('secured')).status).toBe(401));
    const stranger = await userToken(cluster, 'stranger', { mayExecute: false });
    expect((await call('secured', { headers: { authorization: `Bearer ${stranger}` } })).status).toBe(403);
    expect(cluster.journal.runsOf('secured')).toBe(0);
    const answer = await call('secured', { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toEqual({
      authorization: null,
      user: `system:serviceaccount:${cluster.namespace}:caller`,
    });
  });

  test('records requests that failed, where it is told to', async () => {
    await served('recorded', {
      record: 'Failures',
      source:
        'export default (request) => { console.log("seen"); if (request.method === "POST") throw new Error("no"); return new Response(""); };',
    });
    expect((await call('recorded')).status).toBe(200);
    expect((await call('recorded', { method: 'POST', body: 'secret' })).status).toBe(500);
    await eventually(async () => {
      const [record, ...others] = await cluster.executions.list();
      expect(others).toEqual([]);
      expect(record?.metadata.name).toMatch(/^recorded-/);
      expect(record?.status.error?.message).toBe('Error: no');
      expect(JSON.stringify(record?.spec.params)).not.toContain('secret');
    });
  });

  test('with one module for all its requests shows a request what earlier ones of its version left, and nothing else', async () => {
    const source = (version: string): string =>
      `let count = 0; globalThis.left ??= []; export default (request) => { left.push(request.url); return Response.json([${JSON.stringify(version)}, ++count, left.length]); };`;
    /** The version that has answered, how many requests its module has had, and how many have been in its context. */
    const ask = async (name: string): Promise<[version: string, count: number, left: number]> =>
      (await (await call(name)).json()) as [string, number, number];
    await served('kept', { reuse: 'Module', source: source('one') });
    await served('beside', { reuse: 'Module', source: source('one') });
    await served('fresh', { source: source('one') });
    // Which VM a request meets is not defined: the last one may not be idle yet.
    await eventually(async () => {
      const [version, count, left] = await ask('kept');
      expect([version, left]).toEqual(['one', count]);
      expect(count).toBeGreaterThan(2);
    });
    expect(await ask('beside')).toEqual(['one', 1, 1]);
    expect(await ask('fresh')).toEqual(['one', 1, 1]);
    expect(await ask('fresh')).toEqual(['one', 1, 1]);
    await make('kept', { reuse: 'Module', source: source('two') });
    await eventually(async () => expect((await ask('kept'))[0]).toBe('two'));
    const [, count, left] = await ask('kept');
    expect(left).toBe(count);
    const { body } = await gateway.execute({ source: 'typeof left' });
    expect(body.result).toBe('undefined');
  });

  test('that is deleted is served no more', async () => {
    await served('gone', { source: 'export default () => new Response("here");' });
    await cluster.api.request('DELETE', await cluster.api.pathOf(objectOf('gone')));
    await eventually(async () => expect((await call('gone')).status).toBe(404));
  });

  test('is counted by its name', async () => {
    await served('counted', { source: 'export default () => new Response("");' });
    await call('counted');
    const labels = { endpoint: 'counted', runtime: 'default', code: '200', reason: 'Completed' };
    await eventually(async () => {
      const metrics = await gateway.metrics();
      expect(metrics.sum('copepod_gateway_requests_total', labels)).toBeGreaterThan(0);
    });
  });
});
