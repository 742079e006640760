import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sign } from '@octokit/webhooks-methods';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { ValuesDirectory } from '../operator/support/mounted-values.ts';
import { GatewayProcess } from './support/gateway-process.ts';

const SECRETS = {
  token: 'sesame-1',
  standard: `whsec_${Buffer.from('0123456789abcdefghijklmn').toString('base64')}`,
  github: 'it is a secret',
  stripe: 'whsec_abcdef',
};
const values = new ValuesDirectory();
const mount = (changes: Partial<typeof SECRETS> = {}): void => {
  const all = Object.entries({ ...SECRETS, ...changes });
  values.mount(Object.fromEntries(all.map(([key, text]) => [`secrets/hooks/${key}`, text])));
};

let cluster: Cluster;
let gateway: GatewayProcess;
let issuer: Server;
let issuerPort: number;
const { publicKey, privateKey } = await generateKeyPair('ES256');
const { privateKey: foreignKey } = await generateKeyPair('ES256');
const KEYS = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] };

beforeAll(async () => {
  issuer = createServer((_request, response) => response.end(JSON.stringify(KEYS)));
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  issuerPort = (issuer.address() as AddressInfo).port;
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  const secretKeyRef = (key: string) => ({ name: 'hooks', key });
  const hook = (format: string, key: string) => ({
    type: 'Webhook',
    webhook: { format, secretKeyRef: secretKeyRef(key) },
  });
  const jwt = { issuer: 'https://issuer.example', audiences: ['shop'] };
  await make('bearer', { type: 'Bearer', bearer: { secretKeyRef: secretKeyRef('token') } });
  await make('standard', hook('StandardWebhooks', 'standard'));
  await make('github', hook('GitHub', 'github'));
  await make('stripe', hook('Stripe', 'stripe'));
  await make('inline', { type: 'JWT', jwt: { ...jwt, jwks: JSON.stringify(KEYS) } });
  await make('remote', { type: 'JWT', jwt: { ...jwt, jwksURI: `http://127.0.0.1:${issuerPort}/keys` } });
  await make('metadata', { type: 'JWT', jwt: { ...jwt, jwksURI: 'https://169.254.169.254/keys' } });
  mount();
  await eventually(async () => expect(await mountedSecrets()).toEqual(['github', 'standard', 'stripe', 'token']));
  await cluster.startPod('default', { env: { COPEPOD_VALUES_DIR: values.path } });
  gateway = await GatewayProcess.start(cluster, ['--jwks-hosts', '127.0.0.1']);
  await eventually(async () => expect((await call('bearer', {})).status).toBe(401));
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
  issuer?.close();
  values.remove();
});

/** What the pods of the runtime are given for endpoints, and mount. */
async function mountedSecrets(): Promise<string[]> {
  const path = `/apis/apps/v1/namespaces/${cluster.namespace}/deployments/copepod-default`;
  const { spec } = (await cluster.api.request('GET', path)) as unknown as {
    spec: {
      template: {
        spec: {
          containers: { env: { name: string; value?: string }[] }[];
          volumes?: { projected: { sources: { secret?: { name: string; items: { key: string }[] } }[] } }[];
        };
      };
    };
  };
  const { containers, volumes = [] } = spec.template.spec;
  const given = containers[0]?.env.find(({ name }) => name === 'COPEPOD_ENDPOINT_SECRETS')?.value ?? '[]';
  const keys = (JSON.parse(given) as { key: string }[]).map(({ key }) => key);
  const items = volumes.flatMap(({ projected }) => projected.sources.flatMap(({ secret }) => secret?.items ?? []));
  expect(items.map(({ key }) => key).sort()).toEqual(keys);
  return keys;
}

async function make(name: string, auth: object): Promise<void> {
  const metadata = { name, namespace: cluster.namespace };
  const source = `export default async (request) => {
    const body = await request.text();
    if (body === 'fails') throw new Error('no');
    return Response.json({ body, user: context.user, authorization: request.headers.get('authorization') });
  };`;
  await cluster.api.apply({
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptEndpoint',
    metadata,
    spec: { auth, source },
  });
}

const call = (name: string, headers: Record<string, string>, body?: string): Promise<Response> =>
  fetch(`http://${gateway.address}:8080/${cluster.namespace}/${name}`, { method: 'POST', headers, body: body ?? null });

const now = (): number => Math.floor(Date.now() / 1000);

describe('a bearer token of a Secret', () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test('lets its bearer call the script, which does not see it', async () => {
    const answer = await call('bearer', bearer(SECRETS.token), 'a');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ body: 'a', authorization: null }),
    ]);
  });

  test.each([
    ['none', {}],
    ['another', bearer('sesame-2')],
    ['a part of it', bearer('sesame-')],
    ['another scheme', { authorization: `Basic ${SECRETS.token}` }],
  ])('%s is refused with 401', async (_, headers) => {
    const answer = await call('bearer', headers);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  test('is replaced without a restart: for a while both are taken', async () => {
    mount({ token: `${SECRETS.token}\nnew\n` });
    await eventually(async () => expect((await call('bearer', bearer('new'))).status).toBe(200));
    expect((await call('bearer', bearer(SECRETS.token))).status).toBe(200);
    mount({ token: 'new' });
    await eventually(async () => expect((await call('bearer', bearer(SECRETS.token))).status).toBe(401));
    mount();
    await eventually(async () => expect((await call('bearer', bearer(SECRETS.token))).status).toBe(200));
  });

  test('that does not exist is answered with 503, which does not name the Secret', async () => {
    values.mount({});
    await eventually(async () => {
      const answer = await call('bearer', bearer(SECRETS.token));
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('30');
      const text = await answer.text();
      expect(text).toContain('the endpoint is not ready; nothing was started');
      expect(text).not.toContain('hooks');
    });
    mount();
    await eventually(async () => expect((await call('bearer', bearer(SECRETS.token))).status).toBe(200));
  });
});

/** The headers of a webhook, made by the sender's own library. */
const SENDERS: Readonly<Record<string, (body: string, at: number) => Promise<Record<string, string>>>> = {
  standard: async (body, at) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': `${at}`,
    'webhook-signature': new Webhook(SECRETS.standard).sign('msg_1', new Date(at * 1000), body),
  }),
  github: async (body) => ({ 'x-hub-signature-256': await sign(SECRETS.github, body) }),
  stripe: async (body, at) => ({
    'stripe-signature': new Stripe('sk_test_x').webhooks.generateTestHeaderString({
      payload: body,
      secret: SECRETS.stripe,
      timestamp: at,
    }),
  }),
};

describe.each(Object.entries(SENDERS))('a webhook as %s sends it', (name, signed) => {
  test('is delivered once; with another body or by nobody it is refused', async () => {
    const body = JSON.stringify({ name, text: 'grüße' });
    const headers = await signed(body, now());
    const first = await call(name, headers, body);
    expect([first.status, await first.json()]).toEqual([200, expect.objectContaining({ body })]);
    expect((await call(name, headers, body)).status).toBe(409);
    expect((await call(name, headers, `${body} `)).status).toBe(401);
    expect((await call(name, {}, body)).status).toBe(401);
  });

  test('that fails may be delivered again', async () => {
    const headers = await signed('fails', now());
    for (let i = 0; i < 2; i++) expect((await call(name, headers, 'fails')).status).toBe(500);
  });

  test('that is old, or of the future, is refused', async () => {
    if (name === 'github') return; // it signs no time
    for (const seconds of [-400, 400]) {
      const body = `${seconds}`;
      expect((await call(name, await signed(body, now() + seconds), body)).status).toBe(401);
    }
  });
});

describe.each(['inline', 'remote'])('a JSON Web Token, with keys %s', (name) => {
  const token = (claims: object = {}, { key = privateKey, kid = 'one' } = {}): Promise<string> =>
    new SignJWT({
      sub: 'ada',
      email: 'ada@example.org',
      iss: 'https://issuer.example',
      aud: 'shop',
      exp: now() + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(key);
  const withToken = async (text: string): Promise<Response> => await call(name, { authorization: `Bearer ${text}` });

  test('lets its bearer call the script, which knows its user', async () => {
    const answer = await withToken(await token());
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ user: { id: 'ada', email: 'ada@example.org', permissions: [] } }),
    ]);
  });

  test.each<[string, object, { key?: CryptoKey; kid?: string }?]>([
    ['expired', { exp: now() - 60 }],
    ['not valid yet', { nbf: now() + 3600 }],
    ['of another issuer', { iss: 'https://other.example' }],
    ['of another audience', { aud: 'bank' }],
    ['without an end', { exp: undefined }],
    ['without a user', { sub: undefined }],
    ['signed by another key', {}, { key: foreignKey }],
    ['of an unknown key', {}, { kid: 'two' }],
  ])('that is %s is refused with 401', async (_, claims, how = {}) => {
    expect((await withToken(await token(claims, how))).status).toBe(401);
  });

  test('without a signature, or none at all, is refused', async () => {
    const [, payload] = (await token()).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const text of [`${header}.${payload}.`, 'x', 'a.b.c']) expect((await withToken(text)).status).toBe(401);
    expect((await call(name, {})).status).toBe(401);
  });
});

test('keys are not read from an address that an endpoint must not reach', async () => {
  const answer = await call('metadata', {
    authorization: `Bearer ${await new SignJWT({ sub: 'a' }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)}`,
  });
  expect([answer.status, await answer.text()]).toEqual([
    503,
    expect.stringContaining('169.254.169.254 is an address that is a metadata service'),
  ]);
});
