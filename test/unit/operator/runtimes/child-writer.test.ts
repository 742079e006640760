import { beforeEach, describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { ScriptRuntime, ScriptRuntimeSpec } from '../../../../src/api/types.generated.ts';
import { ApiError, TransportError } from '../../../../src/operator/kube/api-error.ts';
import type { KubeClient } from '../../../../src/operator/kube/client.ts';
import { type KubeObject, keyOf, type OwnerReference } from '../../../../src/operator/kube/object.ts';
import type { Resource } from '../../../../src/operator/kube/resource.ts';
import { Store } from '../../../../src/operator/kube/store.ts';
import { CHILD_RESOURCES, ChildWriter } from '../../../../src/operator/runtimes/child-writer.ts';
import { type Child, childrenOf } from '../../../../src/operator/runtimes/children.ts';

const DEFAULTS = {
  image: 'copepod:1',
  publicKey: '{"kty":"OKP"}',
  operatorNamespace: 'copepod-system',
  scraperNamespaces: [],
};

function runtimeOf(spec: Partial<ScriptRuntimeSpec> = {}, uid = 'rt-1'): ScriptRuntime {
  const made = defaultRuntime('web', 'acme');
  return { ...made, metadata: { ...made.metadata, uid }, spec: { ...made.spec, ...spec } };
}
const wanted = (spec?: Partial<ScriptRuntimeSpec>): readonly Child[] => childrenOf(runtimeOf(spec), 2, DEFAULTS);

let stores: Record<string, Store<KubeObject>>;
/** What is there, by kind, whether the caches know it or not. */
let there: Map<string, KubeObject>;
let requests: string[];
let trouble: Map<string, Error>;
let writer: ChildWriter;

beforeEach(() => {
  stores = Object.fromEntries(CHILD_RESOURCES.map(({ kind }) => [kind, new Store()]));
  there = new Map();
  requests = [];
  trouble = new Map();
  const client = {
    find: async ({ kind }: Resource) => {
      requests.push(`find ${kind}`);
      return there.get(kind);
    },
    apply: async ({ kind }: Resource, object: KubeObject, options: object) => {
      requests.push(`apply ${kind}`);
      expect(options).toEqual({ fieldManager: 'copepod-operator', force: true });
      const error = trouble.get(kind);
      if (error) throw error;
      there.set(kind, object);
      return object;
    },
  };
  writer = new ChildWriter(client as unknown as KubeClient, stores);
});

/** An object as the cache has it, with what the API server adds. */
function cached(child: Child): void {
  const object = JSON.parse(JSON.stringify(child)) as KubeObject & { status?: object };
  Object.assign(object.metadata, { uid: 'some', resourceVersion: '7', generation: 1 });
  object.status = {};
  stores[child.kind as string]?.set(object);
  there.set(child.kind as string, object);
}

describe('the objects of a runtime', () => {
  test('are made where they are missing, in their order', async () => {
    expect(await writer.apply(runtimeOf(), wanted())).toBeUndefined();
    expect(requests.filter((each) => each.startsWith('apply'))).toEqual(
      ['ServiceAccount', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy'].map((kind) => `apply ${kind}`),
    );
  });

  test('are left alone where they are right: not one request', async () => {
    for (const child of wanted()) cached(child);
    expect(await writer.apply(runtimeOf(), wanted())).toBeUndefined();
    expect(requests).toEqual([]);
  });

  test('are left alone where the API server only writes them otherwise', async () => {
    const resources = { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: 1 } };
    const tolerations = [{ key: '', operator: 'Exists' as const }];
    const children = wanted({ template: { resources, tolerations } });
    for (const child of children) {
      const text = JSON.stringify(child).replaceAll('"1000m"', '"1"').replaceAll('"1024Mi"', '"1Gi"');
      cached(JSON.parse(text.replaceAll('"cpu":1', '"cpu":"1"').replaceAll('"key":"",', '')) as Child);
    }
    await writer.apply(runtimeOf(), children);
    expect(requests).toEqual([]);
  });

  test.each<[string, (child: Record<string, never>) => void]>([
    [
      'a field has drifted',
      (child: { spec?: { replicas?: number } }) => Object.assign(child.spec ?? {}, { replicas: 9 }),
    ],
    [
      'a label is gone',
      ({ metadata }: { metadata?: { labels?: object } }) => Object.assign(metadata ?? {}, { labels: {} }),
    ],
  ])('are put right where %s, and those alone', async (_, drift) => {
    for (const child of wanted()) cached(child);
    const deployment = stores.Deployment?.get('acme/copepod-web');
    drift(deployment as unknown as Record<string, never>);
    await writer.apply(runtimeOf(), wanted());
    expect(requests).toEqual(['find Deployment', 'apply Deployment']);
  });

  test('are changed with their runtime', async () => {
    for (const child of wanted()) cached(child);
    await writer.apply(runtimeOf({ image: 'mine:2' }), wanted({ image: 'mine:2' }));
    expect(requests).toEqual(['find Deployment', 'apply Deployment']);
  });
});

describe('somebody else’s object of the same name', () => {
  test.each<[string, (child: Child) => void]>([
    [
      'that carries none of our labels',
      (child) => there.set(child.kind as string, { metadata: { name: 'copepod-web' } }),
    ],
    [
      'whose runtime was deleted, and another made of its name',
      (child) => {
        const [owner] = child.metadata.ownerReferences ?? [];
        cached({
          ...child,
          metadata: { ...child.metadata, ownerReferences: [{ ...(owner as OwnerReference), uid: 'rt-0' }] },
        });
      },
    ],
  ])('%s, is not touched', async (_, put) => {
    const [serviceAccount] = wanted();
    put(serviceAccount as Child);
    expect(await writer.apply(runtimeOf(), wanted())).toEqual({
      kind: 'ServiceAccount',
      reason: 'NameTaken',
      message: '"copepod-web" exists and does not belong to this runtime.',
    });
    expect(requests).toEqual(['find ServiceAccount']);
  });
});

describe('a refusal', () => {
  test.each<[string, Error, string]>([
    ['that it is invalid', new ApiError(422, { reason: 'Invalid', message: 'spec.x: no' }), 'InvalidTemplate'],
    ['that it cannot be read', new ApiError(400, { reason: 'BadRequest', message: 'spec.x: no' }), 'InvalidTemplate'],
    ['that it is forbidden', new ApiError(403, { reason: 'Forbidden', message: 'spec.x: no' }), 'Forbidden'],
    ['that it exists', new ApiError(409, { reason: 'AlreadyExists', message: 'spec.x: no' }), 'NameTaken'],
    ['that it conflicts', new ApiError(409, { reason: 'Conflict', message: 'spec.x: no' }), 'NameTaken'],
  ])('%s is told, and what follows is not tried', async (_, error, reason) => {
    trouble.set('Deployment', error);
    expect(await writer.apply(runtimeOf(), wanted())).toEqual({ kind: 'Deployment', message: 'spec.x: no', reason });
    expect(requests.at(-1)).toBe('apply Deployment');
  });

  test.each<[string, Error]>([
    ['that the server has a bug', new ApiError(500, { message: 'panic' })],
    ['that there is too much to do', new ApiError(429, { message: 'later' })],
    ['that does not come', new TransportError('reset', 'ECONNRESET')],
  ])('%s may pass, and is thrown', async (_, error) => {
    trouble.set('Deployment', error);
    await expect(writer.apply(runtimeOf(), wanted())).rejects.toBe(error);
  });
});

test('every child has a place in the API and a cache', () => {
  const kinds = wanted().map(({ kind, apiVersion }) => `${apiVersion} ${kind}`);
  expect(CHILD_RESOURCES.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`)).toEqual(kinds);
  expect(wanted().map((child) => keyOf(child))).toEqual(Array(4).fill('acme/copepod-web'));
});
