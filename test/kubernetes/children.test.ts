import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../src/api/defaults.ts';
import type { EgressRule } from '../../src/api/types.generated.ts';
import { type Child, childrenOf } from '../../src/operator/runtimes/children.ts';
import { type KubeObject, TestClient } from '../api-server/client.ts';

const DEFAULTS = {
  image: 'copepod:1',
  publicKey: '{"kty":"OKP"}',
  gatewayPublicKey: '{}',
  operatorNamespace: 'copepod-system',
  scraperNamespaces: [],
  proxies: { HTTPS_PROXY: 'http://proxy.example:3128', HTTP_PROXY: 'http://10.0.0.9:3128', NO_PROXY: '.svc' },
};

const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  namespace = await api.namespace('children', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(() => api.close());

function children(egress: EgressRule[] = []): readonly Child[] {
  const made = defaultRuntime('web', namespace);
  const template = {
    metadata: { labels: { team: 'a' }, annotations: { note: 'b' } },
    nodeSelector: { pool: 'sandbox' },
    tolerations: [{ key: 'sandbox', operator: 'Exists' as const, effect: 'NoSchedule' as const }],
    imagePullSecrets: [{ name: 'registry' }],
  };
  return childrenOf(
    { ...made, metadata: { ...made.metadata, uid: 'uid-1' }, spec: { ...made.spec, template, egress } },
    2,
    DEFAULTS,
  );
}

test('the API server stores every child unchanged, field by field', async () => {
  for (const child of children()) await expect(api.apply(child as KubeObject, { dryRun: true })).resolves.toBeTruthy();
});

test('the API server stores the NetworkPolicy of egress rules', async () => {
  const [policy] = children([
    { hosts: ['api.example.com', '10.96.0.0/12', 'fd00::1'], schemes: ['https', 'http'] },
    { hosts: ['192.168.1.7'], schemes: ['https'], ports: [8443] },
  ]);
  expect(policy?.kind).toBe('NetworkPolicy');
  const { spec } = policy as { spec?: { egress: unknown } };
  const stored = await api.apply(policy as KubeObject, { dryRun: true });
  expect((stored as unknown as typeof policy & { spec: unknown }).spec).toMatchObject({ egress: spec?.egress });
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
