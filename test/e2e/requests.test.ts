import { createPrivateKey, generateKeyPairSync, type KeyObject, type webcrypto } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Refusal } from '../../src/api/pod-protocol.ts';
import { makeToken, type TokenClaims } from '../../src/api/pod-token.ts';
import { kubectl, kubectlJson, tryKubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace('requests');
const STATS = { method: 'GET', path: '/v1/stats' };
const RUN = { method: 'POST', path: '/v1/runs/x.1.1', body: '{}' };
let pod: { readonly uid: string; readonly address: string };
/** Readable by an administrator only. */
let operatorKey: KeyObject;
let epoch: number;
let bootID: string;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

/** Sends a request to the pod from the node, which NetworkPolicies do not block. */
async function send({ method, path, body }: Sent, token?: string): Promise<Response> {
  return await fetch(`http://${pod.address}:8080${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
}

const sign = (request: Sent, claims: Partial<TokenClaims> = {}, key = operatorKey, now?: number): string =>
  makeToken(key, { podUID: pod.uid, bootID, epoch, ...request, ...claims }, now);

const refusal = async (answer: Response): Promise<[number, string]> => [
  answer.status,
  ((await answer.json()) as Refusal).code,
];

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 1 } });
  const [found] = await namespace.list('pod');
  pod = { uid: found?.metadata.uid ?? '', address: (found?.status as { podIP: string } | undefined)?.podIP ?? '' };
  const system = ['--namespace', 'copepod-system'];
  const secret = await kubectlJson<{ data: Record<string, string> }>([
    ...system,
    'get',
    'secret',
    'copepod-operator-key',
  ]);
  const jwk = JSON.parse(Buffer.from(secret.data['private.jwk'] ?? '', 'base64').toString()) as webcrypto.JsonWebKey;
  operatorKey = createPrivateKey({ key: jwk, format: 'jwk' });
  const lease = await kubectlJson<{ spec: { leaseTransitions: number } }>([
    ...system,
    'get',
    'lease',
    'copepod-operator',
  ]);
  epoch = lease.spec.leaseTransitions;
  const { claim } = (await namespace.outcome('first', { source: '1' })).status;
  bootID = claim?.bootID ?? '';
});

describe('a pod only accepts requests of the operator', () => {
  const minutes = 60_000;

  test.each<[string, Sent, () => string | undefined]>([
    ['unsigned', STATS, () => undefined],
    ['unsigned, to start a run', RUN, () => undefined],
    ['with an invalid token', RUN, () => 'nonsense'],
    ['signed with another key', RUN, () => sign(RUN, {}, generateKeyPairSync('ed25519').privateKey)],
    ['signed too long ago', RUN, () => sign(RUN, {}, operatorKey, Date.now() - 2 * minutes)],
    ['signed in the future', RUN, () => sign(RUN, {}, operatorKey, Date.now() + 2 * minutes)],
    ['for another pod', RUN, () => sign(RUN, { podUID: 'another' })],
    ['for another path', RUN, () => sign({ ...RUN, path: '/v1/runs/y.1.1' })],
    ['for another body', RUN, () => sign({ ...RUN, body: '{"source":"1"}' })],
  ])('a request %s: 401', async (_, request, token) => {
    expect(await refusal(await send(request, await token()))).toEqual([401, 'Unauthenticated']);
  });

  test('a valid token is accepted once', async () => {
    const token = await sign(STATS);
    expect((await send(STATS, token)).status).toBe(200);
    expect(await refusal(await send(STATS, token))).toEqual([401, 'Unauthenticated']);
  });

  test('a request for an earlier boot of the pod: 412', async () => {
    expect(await refusal(await send(RUN, await sign(RUN, { bootID: 'earlier' })))).toEqual([412, 'OtherBoot']);
  });

  test('a request of a former leader: 409', async () => {
    expect(await refusal(await send(RUN, await sign(RUN, { epoch: epoch - 1 })))).toEqual([409, 'StaleEpoch']);
  });

  test('none of these requests started a run', async () => {
    const { executions } = (await (await send(STATS, await sign(STATS))).json()) as { executions: { total: number } };
    expect(executions.total).toBe(1);
  });

  test.each(['/healthz', '/readyz', '/metrics'])('%s needs no authentication', async (path) => {
    expect((await send({ method: 'GET', path })).status).toBe(200);
  });
});

describe("the operator's account", () => {
  const operator = 'system:serviceaccount:copepod-system:copepod-operator';
  const can = async (verb: string, resource: string, where = namespace.name): Promise<string> => {
    const args = ['--namespace', where, 'auth', 'can-i', verb, ...resource.split(' ')];
    return (await tryKubectl(args, { as: operator })).stdout.trim();
  };

  test.each([
    ['get', 'secrets'],
    ['list', 'secrets'],
    ['create', 'secrets'],
    ['create', 'pods'],
    ['delete', 'pods'],
    ['create', 'pods --subresource=exec'],
    ['create', 'serviceaccounts --subresource=token'],
    ['delete', 'scriptruntimes.copepod.dev'],
    ['create', 'rolebindings.rbac.authorization.k8s.io'],
    ['update', 'configmaps'],
  ])('may not %s %s of a tenant', async (verb, resource) => {
    expect(await can(verb, resource)).toBe('no');
  });

  test('can read its own Secret, and no other', async () => {
    expect(await can('get', 'secrets/copepod-operator-key', 'copepod-system')).toBe('yes');
    expect(await can('get', 'secrets/another', 'copepod-system')).toBe('no');
  });

  test('has no permission on Secrets in its cluster-wide rules', async () => {
    const list = await kubectl(['--namespace', namespace.name, 'auth', 'can-i', '--list', '--no-headers'], {
      as: operator,
    });
    expect(list).toContain('scriptexecutions.copepod.dev');
    expect(list).not.toMatch(/secrets|^\*/m);
  });
});
