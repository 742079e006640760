import { beforeAll, describe, expect, test } from '@jest/globals';
import { sign } from '@octokit/webhooks-methods';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { ScriptEndpoint } from '../../src/api/types.generated.ts';
import { accountToken, type GatewayAnswer, type GatewayRequest, useGateway } from './support/gateway.ts';
import { tryKubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, configMap, type Manifest } from './support/objects.ts';

const namespace = useNamespace('endpoints');
const gateway = useGateway();
const { publicKey, privateKey } = await generateKeyPair('ES256');
const { privateKey: foreignKey } = await generateKeyPair('ES256');
const JWKS = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] });
const SECRETS = { token: 'sesame-1', github: 'it is a secret' };
/** The kubelet mounts Secrets when it starts a pod; the pods are replaced for the first endpoint that names one. */
const MOUNTED_WITHIN_MS = 240_000;

const endpoint = (name: string, spec: object): Manifest => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptEndpoint',
  metadata: { name },
  spec,
});

const SEEN = `export default async (request) => Response.json({
  method: request.method,
  path: new URL(request.url).pathname,
  prefix: request.headers.get('x-forwarded-prefix'),
  authorization: request.headers.get('authorization'),
  body: await request.text(),
  user: context.user.id,
  region: env.REGION,
});`;

/** Counts its requests in a global of the module. */
const COUNTER = `const module = crypto.randomUUID();
let requests = 0;
export default () => Response.json({ module, requests: ++requests });`;

const TICKER = `export default () => {
  let timer;
  const body = new ReadableStream({
    start(controller) {
      let id = 0;
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode(\`id: \${++id}\\ndata: tick\\n\\n\`)), 50);
    },
    cancel() {
      clearInterval(timer);
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
};`;

const secretKeyRef = (key: string): object => ({ name: 'hooks', key });

const ENDPOINTS: Readonly<Record<string, object>> = {
  open: { auth: { type: 'None' }, source: SEEN, env: [{ name: 'REGION', value: 'eu' }] },
  users: { source: SEEN },
  bearer: { auth: { type: 'Bearer', bearer: { secretKeyRef: secretKeyRef('token') } }, source: SEEN },
  github: {
    auth: { type: 'Webhook', webhook: { format: 'GitHub', secretKeyRef: secretKeyRef('github') } },
    source: SEEN,
  },
  jwt: {
    auth: { type: 'JWT', jwt: { issuer: 'https://issuer.example', audiences: ['shop'], jwks: JWKS } },
    source: SEEN,
  },
  fresh: { auth: { type: 'None' }, source: COUNTER },
  kept: { auth: { type: 'None' }, source: COUNTER, reuse: 'Module' },
  ticks: { auth: { type: 'None' }, runtimeRef: { name: 'one-vm' }, source: TICKER },
  'beside-ticks': {
    auth: { type: 'None' },
    runtimeRef: { name: 'one-vm' },
    source: 'export default () => new Response("free");',
  },
  shop: { auth: { type: 'None' }, hostnames: ['shop.example'], path: '/v1', source: SEEN },
};

beforeAll(async () => {
  await namespace.apply([
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hooks' }, stringData: SECRETS },
    ...Object.entries(ENDPOINTS).map(([name, spec]) => endpoint(name, spec)),
  ]);
  await namespace.runtime({ pool: { size: 2 } });
  await namespace.runtime({ pool: { size: 1 }, limits: { timeout: '10m' } }, 'one-vm');
  await Promise.all(Object.keys(ENDPOINTS).map((name) => condition(name, 'Serving')));
}, 300_000);

/** Waits until the condition Ready of an endpoint has a reason, and returns the endpoint. */
async function condition(name: string, reason: string): Promise<ScriptEndpoint> {
  return await namespace.until(
    `ScriptEndpoint ${name} to be ${reason}`,
    async () => {
      const found = await namespace.get<ScriptEndpoint>('scriptendpoint', name);
      return conditionOf(found, 'Ready')?.reason === reason ? found : undefined;
    },
    { withinMs: MOUNTED_WITHIN_MS },
  );
}

const call = (name: string, request: GatewayRequest = {}): Promise<GatewayAnswer> =>
  gateway.ask(`/${namespace.name}/${name}`, request);

/** Calls until the gateway has seen the endpoint and pods that have its Secret. */
const served = (name: string, request: GatewayRequest = {}): Promise<GatewayAnswer> =>
  namespace.until(
    `${name} to be served`,
    async () => {
      const answer = await call(name, request);
      return [404, 503].includes(answer.code) ? undefined : answer;
    },
    { withinMs: MOUNTED_WITHIN_MS },
  );

describe('an endpoint on a cluster', () => {
  test('answers requests with its script, below its path', async () => {
    await served('open');
    const answer = await gateway.ask(`/${namespace.name}/open/orders/7?full=1`, { method: 'PUT', body: 'text' });
    expect([answer.code, JSON.parse(answer.text)]).toEqual([
      200,
      {
        method: 'PUT',
        path: '/orders/7',
        prefix: `/${namespace.name}/open`,
        authorization: null,
        body: 'text',
        user: '',
        region: 'eu',
      },
    ]);
    const { status } = await condition('open', 'Serving');
    expect(status.url).toBe(`http://copepod-gateway.copepod-system.svc/${namespace.name}/open`);
    expect(await namespace.list('scriptexecution')).toEqual([]);
  });

  test('is served for its hostname, under its path', async () => {
    const headers = { host: 'shop.example' };
    const answer = await namespace.until('shop.example to be served', async () => {
      const found = await gateway.ask('/v1/orders', { headers });
      return found.code === 200 ? found : undefined;
    });
    expect(JSON.parse(answer.text)).toMatchObject({ path: '/v1/orders', prefix: null });
    expect((await gateway.ask('/v2', { headers })).code).toBe(404);
  });

  test('streams server-sent events as they come, and ends when its client goes away', async () => {
    const client = new AbortController();
    // The stream has no end: a gateway that collected it would answer with nothing at all.
    const answer = await namespace.until('ticks to be served', async () => {
      const found = await fetch(gateway.url(`/${namespace.name}/ticks`), { signal: client.signal });
      return found.status === 200 ? found : undefined;
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.includes('id: 3\n')) break;
    }
    client.abort();
    expect(text).toMatch(/^id: 1\ndata: tick\n\nid: 2\ndata: tick\n\nid: 3\n/);
    // Its runtime has one VM, which the stream would keep for ten minutes.
    expect((await served('beside-ticks')).text).toBe('free');
  });

  test('whose script does not compile says where; once it does, it is served', async () => {
    const typo = 'export default {\n  fetch( { return 1; }\n};';
    await namespace.apply([endpoint('typo', { auth: { type: 'None' }, language: 'TypeScript', source: typo })]);
    const broken = await condition('typo', 'CompilationError');
    expect(conditionOf(broken, 'Ready')).toMatchObject({ status: 'False' });
    expect(conditionOf(broken, 'Ready')?.message).toMatch(/typo\.ts:2:\d+: /);
    expect(await namespace.kubectl('get', 'scriptendpoint', 'typo')).toMatch(
      /typo\s.*\sNone\s+False\s+CompilationError/,
    );
    const source = 'export default (): Response => new Response("well");';
    await namespace.apply([endpoint('typo', { auth: { type: 'None' }, language: 'TypeScript', source })]);
    await condition('typo', 'Serving');
    await namespace.until('the mended script', async () => ((await call('typo')).text === 'well' ? true : undefined));
  });

  test('has its script from a ConfigMap of several files, in its latest version', async () => {
    const main = 'import { text } from "./text.js"; export default () => new Response(text);';
    const site = (text: string): Manifest =>
      configMap('site', { 'main.js': main, 'text.js': `export const text = "${text}";` });
    const sourceFrom = { configMapRef: { name: 'site', main: 'main.js' } };
    await namespace.apply([site('one'), endpoint('site', { auth: { type: 'None' }, sourceFrom })]);
    const reads = (text: string): Promise<unknown> =>
      namespace.until(`site to answer ${text}`, async () => (await call('site')).text === text || undefined);
    await reads('one');
    await namespace.apply([site('two')]);
    await reads('two');
  });
});

describe('what requests of an endpoint share', () => {
  const counts = async (name: string): Promise<{ module: string; requests: number }[]> => {
    await served(name);
    const all: { module: string; requests: number }[] = [];
    for (let i = 0; i < 12; i++) all.push(JSON.parse((await call(name)).text));
    return all;
  };

  test('is nothing with reuse None', async () => {
    const all = await counts('fresh');
    expect(new Set(all.map(({ requests }) => requests))).toEqual(new Set([1]));
    expect(new Set(all.map(({ module }) => module)).size).toBe(all.length);
  });

  test('is the module of a VM with reuse Module', async () => {
    const all = await counts('kept');
    // 12 requests on 2 VMs: a module is met again, and counts each of its requests once.
    expect(new Set(all.map(({ module }) => module)).size).toBeLessThan(all.length);
    expect(new Set(all.map(({ module, requests }) => `${module} ${requests}`)).size).toBe(all.length);
    expect(Math.max(...all.map(({ requests }) => requests))).toBeGreaterThan(2);
  });
});

describe('who may call an endpoint', () => {
  const withToken = (token: string): GatewayRequest => ({ headers: { authorization: `Bearer ${token}` } });

  test('Kubernetes: an account that may create executions; the script does not see its token', async () => {
    const [caller, stranger] = [
      await accountToken(namespace, 'caller', true),
      await accountToken(namespace, 'stranger', false),
    ];
    const answer = await served('users', withToken(caller));
    expect([answer.code, JSON.parse(answer.text)]).toEqual([
      200,
      expect.objectContaining({ user: `system:serviceaccount:${namespace.name}:caller`, authorization: null }),
    ]);
    expect((await call('users', withToken(stranger))).code).toBe(403);
    expect((await call('users', withToken('none'))).code).toBe(401);
    expect((await call('users')).code).toBe(401);
  });

  test('Bearer: the bearer of a Secret that the kubelet mounts', async () => {
    const answer = await served('bearer', withToken(SECRETS.token));
    expect([answer.code, JSON.parse(answer.text)]).toEqual([200, expect.objectContaining({ authorization: null })]);
    expect((await call('bearer', withToken('sesame-2'))).code).toBe(401);
    expect((await call('bearer')).code).toBe(401);
  });

  test('Webhook: a delivery that GitHub signed, once', async () => {
    const body = JSON.stringify({ action: 'opened', text: 'grüße' });
    const headers = { 'x-hub-signature-256': await sign(SECRETS.github, body) };
    const answer = await served('github', { method: 'POST', headers, body });
    expect([answer.code, JSON.parse(answer.text)]).toEqual([200, expect.objectContaining({ body })]);
    expect((await call('github', { method: 'POST', headers, body })).code).toBe(409);
    expect((await call('github', { method: 'POST', headers, body: `${body} ` })).code).toBe(401);
    expect((await call('github', { method: 'POST', body })).code).toBe(401);
  });

  test('JWT: the subject of a token that the issuer signed', async () => {
    const token = (key: CryptoKey, audience: string, expires: string): Promise<string> =>
      new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer('https://issuer.example')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(key);
    const answer = await served('jwt', withToken(await token(privateKey, 'shop', '1h')));
    expect([answer.code, JSON.parse(answer.text)]).toEqual([200, expect.objectContaining({ user: 'ada' })]);
    for (const refused of [
      await token(foreignKey, 'shop', '1h'),
      await token(privateKey, 'bank', '1h'),
      await token(privateKey, 'shop', '-1h'),
    ]) {
      expect((await call('jwt', withToken(refused))).code).toBe(401);
    }
  });
});

test.each(['copepod-operator', 'copepod-gateway'])('%s may not read the Secrets of endpoints', async (account) => {
  const as = `system:serviceaccount:copepod-system:${account}`;
  const { stdout } = await tryKubectl(['--namespace', namespace.name, 'auth', 'can-i', 'get', 'secrets/hooks'], { as });
  expect(stdout.trim()).toBe('no');
});
