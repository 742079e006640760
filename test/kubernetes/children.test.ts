import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../src/api/defaults.ts';
import { type Child, childrenOf } from '../../src/operator/runtimes/children.ts';
import { type KubeObject, TestClient } from '../api-server/client.ts';

const DEFAULTS = {
  image: 'copepod:1',
  publicKey: '{"kty":"OKP"}',
  operatorNamespace: 'copepod-system',
  scraperNamespaces: [],
};

const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  namespace = await api.namespace('children', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(() => api.close());

function children(): readonly Child[] {
  const made = defaultRuntime('web', namespace);
  const template = {
    metadata: { labels: { team: 'a' }, annotations: { note: 'b' } },
    nodeSelector: { pool: 'sandbox' },
    tolerations: [{ key: 'sandbox', operator: 'Exists' as const, effect: 'NoSchedule' as const }],
    imagePullSecrets: [{ name: 'registry' }],
  };
  return childrenOf(
    { ...made, metadata: { ...made.metadata, uid: 'uid-1' }, spec: { ...made.spec, template } },
    2,
    DEFAULTS,
  );
}

test('the API server stores every child unchanged, field by field', async () => {
  for (const child of children()) await expect(api.apply(child as KubeObject, { dryRun: true })).resolves.toBeTruthy();
});

test('a pod of the Deployment is admitted under Pod Security "restricted"', async () => {
  const deployment = children().find(({ kind }) => kind === 'Deployment') as {
    spec?: { template?: { spec?: object } };
  };
  await api.apply(children().find(({ kind }) => kind === 'ServiceAccount') as KubeObject);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: deployment.spec?.template?.spec,
  };
  await expect(api.apply(pod as KubeObject, { dryRun: true })).resolves.toBeTruthy();
});
