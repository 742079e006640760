import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runPage } from './support/documented.ts';
import { useGateway } from './support/gateway.ts';
import { kubectl, kubectlJson } from './support/kubectl.ts';
import { Namespace, useNamespace } from './support/namespace.ts';
import { runtime } from './support/objects.ts';

describe('pages that apply examples/cluster, whose manifests name their namespace', () => {
  const shop = new Namespace('shop');
  let isOurs = false;
  beforeAll(async () => {
    await shop.assertAbsent();
    isOurs = true;
  });
  afterAll(async () => {
    if (isOurs) await kubectl(['delete', 'namespace', shop.name, '--ignore-not-found', '--wait=false']);
  });
  runPage({ path: 'README.md', namespace: shop, called: 'shop' });
  runPage({ path: 'docs/quickstart.md', namespace: shop, called: 'shop' });
  runPage({ path: 'deploy/README.md', namespace: shop, called: 'shop' });
});

describe('pages for a namespace with a runtime', () => {
  const namespace = useNamespace('docs');
  useGateway();
  beforeAll(async () => {
    for (const name of ['default', 'agents']) await namespace.runtime({ pool: { size: 1 } }, name);
  });
  runPage({ path: 'docs/agents.md', namespace, called: 'acme' });
  runPage({ path: 'docs/endpoints.md', namespace, called: 'acme' });
  runPage({ path: 'docs/schedules.md', namespace, called: 'shop' });
});

describe('the checks for Argo CD', () => {
  const argocd = new Namespace('argocd');
  let isOurs = false;
  beforeAll(async () => {
    await argocd.assertAbsent();
    isOurs = true;
    await argocd.make();
    await argocd.kubectl('create', 'configmap', 'argocd-cm', '--from-literal=url=https://argocd.example');
  });
  afterAll(async () => {
    if (isOurs) await argocd.remove();
  });
  runPage({ path: 'deploy/argocd/README.md', namespace: argocd, called: 'argocd' });

  test('are beside what the ConfigMap had', async () => {
    const path = ['--namespace', argocd.name, 'get', 'configmap', 'argocd-cm'];
    const { data } = await kubectlJson<{ data: Record<string, string> }>(path);
    const kinds = ['ScriptEndpoint', 'ScriptExecution', 'ScriptRuntime', 'ScriptSchedule'];
    expect(Object.keys(data).sort()).toEqual([
      ...kinds.map((kind) => `resource.customizations.health.copepod.dev_${kind}`),
      'url',
    ]);
  });
});

describe('kubectl copepod', () => {
  const namespace = useNamespace('docs-kubectl');
  beforeAll(async () => {
    await namespace.runtime({ replicas: 2, pool: { size: 4 }, limits: { timeout: '15m' } });
    // A quota that the pods of `default` use up: those of `reports` cannot be created.
    await namespace.kubectl('create', 'quota', 'team', '--hard=pods=2');
    await namespace.apply([runtime('reports', {})]);
    await namespace.run({
      'nightly-29111111': {
        source: 'console.log("importing 4,200 rows");\nconsole.warn("row 17 has no price");\n({ rows: 4200 });\n',
      },
    });
    await namespace.start({
      'import-prices': { source: 'await new Promise((resolve) => setTimeout(resolve, 900_000));' },
      'month-report': { runtimeRef: { name: 'reports' }, source: '1' },
      'week-report': { runtimeRef: { name: 'report' }, source: '1' },
    });
  }, 180_000);
  runPage({ path: 'docs/kubectl.md', namespace, called: 'shop' });
});
