import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../../api-server/client.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { commandsOf } from '../../docs/support/commands.ts';
import { readPage } from '../../docs/support/pages.ts';
import { Shell } from '../../docs/support/shell.ts';
import { findKubectl, kustomize, objectsOf } from '../support/kustomize.ts';

/** On a cluster with pods it would restart the operator of all other tests. */
const COMMAND = commandsOf(
  readPage('docs/endpoints.md').snippets.find(({ text }) => text.includes('COPEPOD_GATEWAY_URL')) as never,
);

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly object[] }[] };
    };
  };
}

const api = new TestClient();
let namespace: string;
let shell: Shell;

beforeAll(async () => {
  namespace = await api.namespace('system');
  for (const base of ['cluster', 'gateway']) {
    for (const each of objectsOf(kustomize(`deploy/${base}`)).filter(({ kind }) => kind === 'Deployment'))
      await api.apply({ ...each, metadata: { ...each.metadata, namespace } });
  }
  shell = new Shell({
    path: [dirname(findKubectl())],
    env: { KUBECONFIG: join(currentConnection().directory, 'kubeconfig') },
    names: { 'copepod-system': namespace },
  });
});
afterAll(async () => {
  await shell?.[Symbol.asyncDispose]();
  await api.close();
});

test('the command of docs/endpoints.md sets the URL of the gateway for operator and gateway', async () => {
  expect(COMMAND).toHaveLength(1);
  for (const command of COMMAND) await shell.run(command);

  const { items } = await api.request<{ items: Deployment[] }>(
    'GET',
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
  );
  const settings = items.map(({ metadata: { name }, spec }) => ({ name, env: spec.template.spec.containers[0]?.env }));
  const url = { name: 'COPEPOD_GATEWAY_URL', value: 'https://copepod.example.com' };
  expect(settings).toEqual([
    { name: 'copepod-gateway', env: expect.arrayContaining([url]) },
    { name: 'copepod-operator', env: expect.arrayContaining([url]) },
  ]);
});
