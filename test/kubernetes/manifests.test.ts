import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { type KubeObject, TestClient } from '../api-server/client.ts';

const root = new URL('../../', import.meta.url);

function manifests(file: string): KubeObject[] {
  const documents = parseAllDocuments(readFileSync(new URL(file, root), 'utf8'));
  return [...documents].map((document) => document.toJS() as KubeObject).filter((object) => object !== null);
}

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: root.pathname }).sort();
}

const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  for (const definition of files('crds/*.yaml').flatMap(manifests)) await api.establish(definition);
  namespace = await api.namespace('manifests');
});
afterAll(() => api.close());

function execution(spec: object): KubeObject {
  return { apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptExecution', metadata: { name: 'bad', namespace }, spec };
}

function runtime(spec: object): KubeObject {
  return { apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptRuntime', metadata: { name: 'bad', namespace }, spec };
}

const sourceFrom = { configMapKeyRef: { name: 'scripts', key: 'hello.js' } };

describe('a manifest with a mistake is refused by the API server with a message that names it', () => {
  test.each([
    [
      'source and sourceFrom together',
      execution({ source: '1', sourceFrom }),
      'spec: Invalid value: exactly one of source and sourceFrom must be set',
    ],
    [
      'neither source nor sourceFrom',
      execution({}),
      'spec: Invalid value: exactly one of source and sourceFrom must be set',
    ],
    [
      'one key of a ConfigMap and all of them together',
      execution({ sourceFrom: { ...sourceFrom, configMapRef: { name: 'scripts', main: 'main.ts' } } }),
      'spec.sourceFrom: Invalid value: exactly one of configMapKeyRef and configMapRef must be set',
    ],
    [
      'sourceFrom without a reference',
      execution({ sourceFrom: {} }),
      'spec.sourceFrom: Invalid value: exactly one of configMapKeyRef and configMapRef must be set',
    ],
    [
      'a tool with two sources',
      runtime({ tools: [{ name: 'a', mcp: { url: 'https://a.example/' }, openAPI: { url: 'https://a.example/' } }] }),
      'spec.tools[0]: Invalid value: exactly one of mcp and openAPI must be set',
    ],
    [
      'a tool with two documents',
      runtime({ tools: [{ name: 'a', openAPI: { url: 'https://a.example/', ...sourceFrom } }] }),
      'spec.tools[0].openAPI: Invalid value: exactly one of url and configMapKeyRef must be set',
    ],
    [
      'a tool with the name of another global',
      runtime({ tools: [{ name: 'fetch', mcp: { url: 'https://a.example/' } }] }),
      'spec.tools[0].name: Invalid value: "fetch": must not be a word of the language or another global of scripts',
    ],
    [
      'a tool at a URL of another scheme',
      runtime({ tools: [{ name: 'a', mcp: { url: 'file:///etc/passwd' } }] }),
      'spec.tools[0].mcp.url: Invalid value: "file:///etc/passwd": spec.tools[0].mcp.url in body should match',
    ],
    [
      'an import without a specifier',
      runtime({ imports: { '': sourceFrom } }),
      'spec.imports: Invalid value: specifiers must have between 1 and 253 characters',
    ],
    ['a misspelt field', execution({ sorce: '1' }), '.spec.sorce: field not declared in schema'],
    [
      'an unknown language',
      execution({ source: '1', language: 'Python' }),
      'spec.language: Unsupported value: "Python"',
    ],
    [
      'a memory limit that is not a quantity',
      execution({ source: '1', limits: { memory: '64 MB' } }),
      'spec.limits.memory: Invalid value: "64 MB": must be a quantity between 8Mi and 4Gi',
    ],
    [
      'replicas and autoscaling together',
      runtime({ replicas: 2, autoscaling: { minReplicas: 0, maxReplicas: 2 } }),
      'spec.replicas: Invalid value: replicas and autoscaling must not both be set',
    ],
  ])('%s', async (_, object, message) => {
    await expect(api.apply(object, { dryRun: true })).rejects.toThrow(message);
  });
});

describe('every example is accepted by the API server, with strict validation', () => {
  // The kustomizations of examples/gitops are tested in gitops.test.ts; KEDA's CRDs are in test/keda, those of the Gateway API nowhere.
  const elsewhere = /^examples\/(gitops\/|keda\/scaled-object|gateway\/http-route)/;
  const examples = files('examples/**/*.yaml').filter((file) => !elsewhere.test(file));
  test.each(examples)('%s', async (file) => {
    for (const object of manifests(file)) {
      await api.apply({ ...object, metadata: { ...object.metadata, namespace } }, { dryRun: true });
    }
  });
});

describe('defaults of a manifest', () => {
  test('a new object has a status that no tool takes for finished', async () => {
    const object = await api.apply({ ...execution({ source: '1' }), metadata: { name: 'new', namespace } });
    expect(object.status).toEqual({ observedGeneration: -1 });
  });
});

describe('omitted replicas, for an autoscaler to set', () => {
  const named = (name: string, spec: object = {}): KubeObject => ({
    ...runtime(spec),
    metadata: { name, namespace },
  });
  const scale = async (method: string, replicas?: number): Promise<KubeObject> =>
    api.request(
      method,
      `${await api.pathOf(named('scaled'))}/scale`,
      replicas === undefined ? undefined : { spec: { replicas } },
      'application/merge-patch+json',
    );

  test('are one, and can be read and set through the scale subresource, as an autoscaler does', async () => {
    await api.apply(named('scaled'));
    expect(await scale('GET')).toMatchObject({ spec: { replicas: 1 } });
    expect(await scale('PATCH', 5)).toMatchObject({ spec: { replicas: 5 } });
  });

  test('keep their value when the manifest is applied again', async () => {
    expect(await api.apply(named('scaled', { pool: { size: 2 } }))).toMatchObject({ spec: { replicas: 5 } });
  });

  test('do not conflict with autoscaling, which then forbids setting them', async () => {
    await api.apply(named('scaled', { replicas: 1 }));
    await api.apply(named('scaled', { autoscaling: { maxReplicas: 2 } }));
    await expect(scale('PATCH', 3)).rejects.toThrow('replicas and autoscaling must not both be set');
  });

  test('that were set by scaling stay where autoscaling is added by an apply, and mean nothing', async () => {
    await api.apply(named('rescaled'));
    const path = `${await api.pathOf(named('rescaled'))}/scale`;
    await api.request('PATCH', path, { spec: { replicas: 3 } }, 'application/merge-patch+json');
    const applied = await api.apply(named('rescaled', { autoscaling: { maxReplicas: 2 } }));
    expect(applied).toMatchObject({ spec: { replicas: 3, autoscaling: { maxReplicas: 2 } } });
    await api.apply(named('rescaled', { autoscaling: { maxReplicas: 4 } }));
  });
});
