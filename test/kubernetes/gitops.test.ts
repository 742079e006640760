import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeObject, TestClient } from '../api-server/client.ts';
import { kustomize, objectsOf } from './support/kustomize.ts';

const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  for (const definition of objectsOf(kustomize('crds'))) await api.establish(definition);
  namespace = await api.namespace('gitops');
}, 900_000); // kubectl may have to be built first
afterAll(() => api.close());

const here = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, namespace } });

describe('manifests that GitOps tools apply are accepted by the API server, with strict validation', () => {
  test("the tenant's folder of examples/gitops", async () => {
    const objects = objectsOf(kustomize('examples/gitops/tenants/bakery'));
    expect(objects.map(({ kind }) => kind)).toContain('ScriptExecution');
    for (const object of objects)
      await api.apply(object.kind === 'Namespace' ? object : here(object), { dryRun: true });
  });
});

test('the health checks of deploy/argocd keep the existing settings of Argo CD', async () => {
  const theirs = {
    url: 'https://argocd.example.com',
    'resource.customizations.health.argoproj.io_Application': 'return {}',
  };
  const settings = (data: object) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', namespace },
    data,
  });
  await api.request('POST', `/api/v1/namespaces/${namespace}/configmaps`, settings(theirs));
  const [ours] = objectsOf(kustomize('deploy/argocd')) as [KubeObject & { data: object }];
  expect(await api.apply(here(ours))).toMatchObject({ data: { ...theirs, ...ours.data } });
});
