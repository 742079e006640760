import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Cluster } from '../operator/support/cluster.ts';
import { type GatewayProcess, userToken } from './support/gateway-process.ts';
import { servedCluster } from './support/served-cluster.ts';

let cluster: Cluster;
let gateway: GatewayProcess;

beforeAll(async () => {
  ({ cluster, gateway } = await servedCluster({ pool: { size: 1 } }));
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
});

const spec = { source: '1' };
const send = async (token: string, namespace?: string): Promise<{ code: number; reason: string | undefined }> => {
  const { code, body } = await gateway.execute(spec, { token, ...(namespace === undefined ? {} : { namespace }) });
  return { code, reason: body.reason };
};
const REFUSED = { code: 401, reason: 'Unauthorized' };

describe('who may execute', () => {
  test('is who may create ScriptExecutions in the namespace, and nobody else', async () => {
    expect(await send(await userToken(cluster, 'allowed', { mayExecute: true }))).toMatchObject({ code: 200 });
    expect(await send(await userToken(cluster, 'other', { mayExecute: false }))).toEqual({
      code: 403,
      reason: 'Forbidden',
    });
  });

  test('is asked for each namespace', async () => {
    const token = await userToken(cluster, 'at-home', { mayExecute: true });
    expect(await send(token)).toMatchObject({ code: 200 });
    expect(await send(token, 'kube-system')).toEqual({ code: 403, reason: 'Forbidden' });
  });

  test('is not told whether a runtime exists without the right to execute', async () => {
    const token = await userToken(cluster, 'curious', { mayExecute: false });
    const codes = await Promise.all(
      ['default', 'missing'].map(async (runtime) => (await gateway.execute(spec, { token, runtime })).code),
    );
    expect(codes).toEqual([403, 403]);
  });

  test.each([
    ['no token', ''],
    ['a token that is none', 'abc'],
    ['a token that another key has signed', `${'e30'}.${'e30'}.${'A'.repeat(86)}`],
  ])('is nobody with %s', async (_what, token) => {
    expect(await send(token)).toEqual(REFUSED);
  });

  test('is nobody with a token for another audience', async () => {
    expect(await send(await userToken(cluster, 'guest', { mayExecute: true, audiences: ['vault'] }))).toEqual(REFUSED);
  });

  test('is nobody with the token of a deleted account', async () => {
    const token = await userToken(cluster, 'leaver', { mayExecute: true });
    await cluster.api.request('DELETE', `/api/v1/namespaces/${cluster.namespace}/serviceaccounts/leaver`);
    expect(await send(token)).toEqual(REFUSED);
  });

  test('is asked once a minute for a token, and not for each request', async () => {
    const token = await userToken(cluster, 'busy', { mayExecute: true });
    await send(token);
    const asked = async (): Promise<number> =>
      (await gateway.metrics()).sum('rest_client_requests_total', { resource: 'tokenreviews' });
    const before = await asked();
    await Promise.all(Array.from({ length: 20 }, () => send(token)));
    expect(await asked()).toBe(before);
  });
});
