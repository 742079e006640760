import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { ScriptRuntime, ScriptRuntimeSpec } from '../../../../src/api/types.generated.ts';
import { ApiError, TransportError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { type KubeObject, keyOf, type OwnerReference } from '../../../../src/kube/object.ts';
import type { Resource } from '../../../../src/kube/resource.ts';
import { Store } from '../../../../src/kube/store.ts';
import { CHILD_RESOURCES, ChildWriter } from '../../../../src/operator/runtimes/child-writer.ts';
import { type Child, childrenOf } from '../../../../src/operator/runtimes/children.ts';

const DEFAULTS = {
  image: 'copepod:1',
  publicKey: '{"kty":"OKP"}',
  gatewayPublicKey: '{}',
  operatorNamespace: 'copepod-system',
  scraperNamespaces: [],
};

function runtimeOf(spec: Partial<ScriptRuntimeSpec> = {}, uid = 'rt-1'): ScriptRuntime {
  const made = defaultRuntime('web', 'acme');
  return { ...made, metadata: { ...made.metadata, uid }, spec: { ...made.spec, ...spec } };
}
const wanted = (spec?: Partial<ScriptRuntimeSpec>): readonly Child[] => childrenOf(runtimeOf(spec), 2, DEFAULTS);

let stores: Record<string, Store<KubeObject>>;
/** Existing objects by kind, whether in the caches or not. */
let there: Map<string, KubeObject>;
let requests: string[];
let trouble: Map<string, Error>;
let writer: ChildWriter;
/** What the API server stores for an applied object. */
let admitted: (object: KubeObject) => KubeObject;
let now: number;
let patches: object[];

beforeEach(() => {
  stores = Object.fromEntries(CHILD_RESOURCES.map(({ kind }) => [kind, new Store()]));
  there = new Map();
  requests = [];
  trouble = new Map();
  patches = [];
  admitted = (object) => object;
  now = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
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
      there.set(kind, admitted(object));
      return admitted(object);
    },
    jsonPatch: async ({ kind }: Resource) => {
      requests.push(`patch ${kind}`);
      return there.get(kind);
    },
    mergePatch: async ({ kind }: Resource, _ref: object, patch: object) => {
      requests.push(`patch ${kind}`);
      patches.push(patch);
      return there.get(kind);
    },
  };
  writer = new ChildWriter(client as unknown as KubeClient, stores, () => guards.push(writer.hasNetworkPolicy(KEY)));
  guards = [];
});
afterEach(() => {
  jest.restoreAllMocks();
});

const KEY = 'acme/web';
const RIGHT = { problems: [] };
/** Changes of whether the runtime's pods are guarded. */
let guards: boolean[];

/** An object in the cache, with the fields that the API server adds. */
function cached(child: Child): void {
  const object = JSON.parse(JSON.stringify(child)) as KubeObject & { status?: object };
  Object.assign(object.metadata, { uid: 'some', resourceVersion: '7', generation: 1 });
  object.status = {};
  stores[child.kind as string]?.set(object);
  there.set(child.kind as string, object);
}

/** Deletes it, also from the cache. */
function removed(kind: string): void {
  stores[kind]?.delete('acme/copepod-web');
  there.delete(kind);
}

describe('the children of a runtime', () => {
  test('are created in order if missing', async () => {
    expect(await writer.apply(runtimeOf(), wanted())).toEqual(RIGHT);
    expect(requests.filter((each) => each.startsWith('apply'))).toEqual(
      ['NetworkPolicy', 'ServiceAccount', 'Deployment', 'PodDisruptionBudget'].map((kind) => `apply ${kind}`),
    );
  });

  test('cause no request if they are correct', async () => {
    for (const child of wanted()) cached(child);
    expect(await writer.apply(runtimeOf(), wanted())).toEqual(RIGHT);
    expect(requests).toEqual([]);
  });

  test('cause no request if the API server normalizes them', async () => {
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
      'a label is missing',
      ({ metadata }: { metadata?: { labels?: object } }) => Object.assign(metadata ?? {}, { labels: {} }),
    ],
  ])('are put right where %s, and those alone', async (_, drift) => {
    for (const child of wanted()) cached(child);
    const deployment = stores.Deployment?.get('acme/copepod-web');
    drift(deployment as unknown as Record<string, never>);
    await writer.apply(runtimeOf(), wanted());
    expect(requests).toEqual(['find Deployment', 'apply Deployment']);
  });

  test('change with their runtime', async () => {
    for (const child of wanted()) cached(child);
    await writer.apply(runtimeOf({ image: 'mine:2' }), wanted({ image: 'mine:2' }));
    expect(requests).toEqual(['find Deployment', 'apply Deployment']);
  });
});

describe('a foreign object of the same name', () => {
  test.each<[string, (child: Child) => void]>([
    [
      'without the operator’s labels',
      (child) => there.set(child.kind as string, { metadata: { name: 'copepod-web' } }),
    ],
    [
      'of a deleted runtime with the same name',
      (child) => {
        const [owner] = child.metadata.ownerReferences ?? [];
        cached({
          ...child,
          metadata: { ...child.metadata, ownerReferences: [{ ...(owner as OwnerReference), uid: 'rt-0' }] },
        });
      },
    ],
  ])('%s, is not touched, and the others are made', async (_, put) => {
    const [, serviceAccount] = wanted();
    put(serviceAccount as Child);
    expect((await writer.apply(runtimeOf(), wanted())).problems).toEqual([
      {
        kind: 'ServiceAccount',
        reason: 'NameTaken',
        message: '"copepod-web" exists and does not belong to this runtime.',
      },
    ]);
    expect(requests.filter((each) => each.startsWith('apply'))).toEqual(
      ['NetworkPolicy', 'Deployment', 'PodDisruptionBudget'].map((kind) => `apply ${kind}`),
    );
  });
});

describe('a refusal', () => {
  const schema =
    'failed to create typed patch object (acme/copepod-web; apps/v1, Kind=Deployment): .spec.x: not declared';
  test.each<[string, Error, string, string]>([
    ['that it is invalid', new ApiError(422, { reason: 'Invalid', message: 'no' }), 'InvalidTemplate', 'no'],
    ['that it cannot be read', new ApiError(400, { reason: 'BadRequest', message: 'no' }), 'InvalidTemplate', 'no'],
    ['that it fits no schema', new ApiError(500, { message: schema }), 'InvalidTemplate', '.spec.x: not declared'],
    ['that it is forbidden', new ApiError(403, { reason: 'Forbidden', message: 'no' }), 'Forbidden', 'no'],
    ['that it exists', new ApiError(409, { reason: 'AlreadyExists', message: 'no' }), 'NameTaken', 'no'],
    ['that it conflicts', new ApiError(409, { reason: 'Conflict', message: 'no' }), 'NameTaken', 'no'],
    [
      'because its namespace is terminating',
      new ApiError(403, { reason: 'Forbidden', message: 'no, because it is being terminated' }),
      'NamespaceTerminating',
      'no, because it is being terminated',
    ],
  ])('%s is told, and the other children are applied', async (_, error, reason, message) => {
    trouble.set('Deployment', error);
    expect(await writer.apply(runtimeOf(), wanted())).toEqual({ problems: [{ kind: 'Deployment', message, reason }] });
    expect(requests.at(-1)).toBe('apply PodDisruptionBudget');
  });

  test.each<[string, ApiError]>([
    ['that the server has a bug', new ApiError(500, { message: 'panic' })],
    ['that there is too much to do', new ApiError(429, { message: 'later' })],
  ])('%s may pass: it is tried again, and told once it has lasted', async (_, error) => {
    trouble.set('Deployment', error);
    expect(await writer.apply(runtimeOf(), wanted())).toEqual({ problems: [], error });
    now += 3000;
    const told = { kind: 'Deployment', reason: 'ApplyFailed', message: error.message };
    expect(await writer.apply(runtimeOf(), wanted())).toEqual({ problems: [told], error });
    trouble.clear();
    expect(await writer.apply(runtimeOf(), wanted())).toEqual(RIGHT);
    trouble.set('Deployment', error);
    expect(await writer.apply(runtimeOf({ image: 'b' }), wanted({ image: 'b' }))).toEqual({ problems: [], error });
  });

  test('missing because of a transport error ends the reconcile', async () => {
    const error = new TransportError('reset', 'ECONNRESET');
    trouble.set('Deployment', error);
    await expect(writer.apply(runtimeOf(), wanted())).rejects.toBe(error);
  });

  test('of a template does not prevent scaling of the existing Deployment', async () => {
    for (const child of wanted()) cached(child);
    trouble.set('Deployment', new ApiError(422, { reason: 'Invalid', message: 'no' }));
    const children = childrenOf(runtimeOf({ image: 'b' }), 0, DEFAULTS);
    expect((await writer.apply(runtimeOf({ image: 'b' }), children)).problems).toHaveLength(1);
    expect(patches).toEqual([{ metadata: { uid: 'some' }, spec: { replicas: 0 } }]);
  });
});

describe('the NetworkPolicy', () => {
  test('guards the pods while it exists', async () => {
    expect(writer.hasNetworkPolicy(KEY)).toBe(false);
    await writer.apply(runtimeOf(), wanted());
    for (const child of wanted()) cached(child);
    await writer.apply(runtimeOf(), wanted());
    expect(guards).toEqual([true]);
    removed('NetworkPolicy');
    trouble.set('NetworkPolicy', new ApiError(403, { reason: 'Forbidden', message: 'no' }));
    await writer.apply(runtimeOf(), wanted());
    expect(guards).toEqual([true, false]);
  });

  test('does not guard them if an admission policy has opened it', async () => {
    admitted = (object) => ({ ...object, spec: { egress: [{}] } }) as KubeObject;
    await writer.apply(runtimeOf(), wanted());
    expect(guards).toEqual([]);
  });

  test('is restored even if the template is refused', async () => {
    for (const child of wanted()) cached(child);
    removed('NetworkPolicy');
    trouble.set('Deployment', new ApiError(422, { reason: 'Invalid', message: 'no' }));
    await writer.apply(runtimeOf({ image: 'b' }), wanted({ image: 'b' }));
    expect(requests).toContain('apply NetworkPolicy');
    expect(writer.hasNetworkPolicy(KEY)).toBe(true);
  });
});

describe('a child that another writer changes after each write', () => {
  /** An admission policy changes it each time. */
  function changed(): void {
    admitted = (object) => {
      const { kind, spec } = object as KubeObject & { spec?: object };
      return kind === 'Deployment' ? ({ ...object, spec: { ...spec, replicas: 9 } } as KubeObject) : object;
    };
    for (const child of wanted()) cached(admitted(child) as Child);
  }

  test('is written with back-off, and named', async () => {
    changed();
    for (let index = 0; index < 2; index += 1) expect(await writer.apply(runtimeOf(), wanted())).toEqual(RIGHT);
    await writer.apply(runtimeOf(), wanted());
    const waits: (number | undefined)[] = [];
    for (let index = 0; index < 4; index += 1) {
      const { problems, requeueAfterMs } = await writer.apply(runtimeOf(), wanted());
      expect(problems).toEqual([
        {
          kind: 'Deployment',
          reason: 'Overwritten',
          message: expect.stringMatching(/^Another client changes spec\.replicas after each of the operator's writes/),
        },
      ]);
      waits.push(requeueAfterMs);
      now += requeueAfterMs ?? 0;
      await writer.apply(runtimeOf(), wanted());
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
    expect(requests.filter((each) => each === 'apply Deployment')).toHaveLength(7);
  });

  test('is written at once if its desired state changes', async () => {
    changed();
    for (let index = 0; index < 5; index += 1) await writer.apply(runtimeOf(), wanted());
    expect(await writer.apply(runtimeOf({ image: 'b' }), wanted({ image: 'b' }))).toEqual(RIGHT);
  });
});

test('every child has an API resource and a cache', () => {
  const kinds = wanted().map(({ kind, apiVersion }) => `${apiVersion} ${kind}`);
  expect(CHILD_RESOURCES.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`)).toEqual(kinds);
  expect(wanted().map((child) => keyOf(child))).toEqual(Array(4).fill('acme/copepod-web'));
});
