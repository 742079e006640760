import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KubeClient } from '../../../src/kube/client.ts';
import { type Credential, Credentials } from '../../../src/kube/credentials.ts';
import { InCluster } from '../../../src/kube/in-cluster.ts';
import { loadCredentials, parseKubeConfig } from '../../../src/kube/kube-config.ts';
import { NAMESPACES } from '../../../src/kube/resources.ts';
import { TestClient } from '../../api-server/client.ts';
import { currentConnection } from '../../api-server/connection.ts';

const api = new TestClient();
const directory = mkdtempSync(join(tmpdir(), 'copepod-credentials-'));
afterAll(() => {
  api.close();
  rmSync(directory, { recursive: true });
});

describe('in a pod', () => {
  const { url, certificateAuthority } = currentConnection();
  const { hostname, port } = new URL(url);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  let namespace: string;

  const tokenOf = async (name: string): Promise<string> => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
    await api.apply(account);
    const meta = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
    const path = `${await api.pathOf(account)}/token`;
    return (await api.request<{ status: { token: string } }>('POST', path, { ...meta, spec: {} })).status.token;
  };

  beforeAll(async () => {
    namespace = await api.namespace('credentials');
    writeFileSync(join(directory, 'ca.crt'), certificateAuthority);
  });

  test("the client is the pod's service account, by the current token in the file", async () => {
    const client = KubeClient.to(new InCluster({ env, directory }));
    const who = () => client.get(NAMESPACES, { name: 'default' }).catch((error: Error) => error.message);
    writeFileSync(join(directory, 'token'), `${await tokenOf('one')}\n`);
    expect(await who()).toContain(`User "system:serviceaccount:${namespace}:one" cannot get`);
    client.close();

    const later = KubeClient.to(new InCluster({ env, directory }));
    const whoLater = () => later.get(NAMESPACES, { name: 'default' }).catch((error: Error) => error.message);
    writeFileSync(join(directory, 'token'), 'expired');
    expect(await whoLater()).toBe('Unauthorized');
    writeFileSync(join(directory, 'token'), await tokenOf('two'));
    expect(await whoLater()).toContain(`User "system:serviceaccount:${namespace}:two" cannot get`);
    later.close();
  });

  test.each([
    ['10.0.0.1', '443', 'https://10.0.0.1/'],
    ['fd00::1', '6443', 'https://[fd00::1]:6443/'],
  ])('the API server at %s port %s is %s', (host, number, server) => {
    const there = new InCluster({ env: { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: number } });
    expect(there.server.href).toBe(server);
  });
});

describe('a kubeconfig', () => {
  const kubeconfig = (user: object) =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://example.com:6443' } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });

  test.each<[string, object, Record<string, string>]>([
    ['a token', { token: 't' }, { authorization: 'Bearer t' }],
    ['a name and password', { username: 'me', password: 'p' }, { authorization: 'Basic bWU6cA==' }],
    ['an impersonated user', { token: 't', as: 'her' }, { authorization: 'Bearer t', 'impersonate-user': 'her' }],
  ])('gives the headers of %s', async (_, user, headers) => {
    const credential: Credential = await (await parseKubeConfig(kubeconfig(user))).read();
    expect(credential.headers).toEqual(headers);
  });

  test('with certificate files gives their current content: a rotated certificate needs a new connection', async () => {
    const files = { 'client-certificate': join(directory, 'tls.crt'), 'client-key': join(directory, 'tls.key') };
    writeFileSync(files['client-certificate'], 'certificate 1');
    writeFileSync(files['client-key'], 'key 1');
    const credentials = new Credentials(await parseKubeConfig(kubeconfig(files)));
    const first = await credentials.current();
    expect(String(first.tls.cert)).toBe('certificate 1');
    writeFileSync(files['client-certificate'], 'certificate 2');
    credentials.invalidate();
    const second = await credentials.current();
    expect(String(second.tls.cert)).toBe('certificate 2');
    expect(second.fingerprint).not.toBe(first.fingerprint);
    credentials.invalidate();
    expect((await credentials.current()).fingerprint).toBe(second.fingerprint);
  });

  test('without the requested context is an error that lists its contexts', async () => {
    writeFileSync(join(directory, 'kubeconfig'), kubeconfig({ token: 't' }));
    const file = join(directory, 'kubeconfig');
    expect((await loadCredentials({ file, context: 'x' })).server.href).toBe('https://example.com:6443/');
    const missing = loadCredentials({ file, context: 'y' });
    await expect(missing).rejects.toThrow('the kubeconfig has no context "y"; it has x');
  });
});
