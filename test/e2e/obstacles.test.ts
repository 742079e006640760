import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptRuntime } from '../../src/api/types.generated.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, type Manifest, type RuntimeSpec, runtime } from './support/objects.ts';

const namespace = useNamespace('obstacles');
const strict = useNamespace('quota');

interface Obstacle {
  readonly spec: RuntimeSpec;
  readonly reason: string;
  /** The problem, and the advice. */
  readonly says: readonly [RegExp, RegExp];
  /** It may be transient: the runtime is Reconciling for some minutes first. */
  readonly mayPass?: true;
}

const OBSTACLES: Readonly<Record<string, Obstacle>> = {
  'no-image': {
    spec: { image: 'localhost/not-there:1' },
    reason: 'ImagePullFailed',
    says: [/not-there:1/, /Correct spec\.image, or name a Secret in spec\.template\.imagePullSecrets\.$/],
    mayPass: true,
  },
  'no-image-name': {
    spec: { image: 'UPPER/Case:1' },
    reason: 'ImagePullFailed',
    says: [/UPPER\/Case:1/, /Correct spec\.image/],
  },
  'no-runtime-class': {
    spec: { template: { runtimeClassName: 'gvisor' } },
    reason: 'RuntimeClassNotFound',
    says: [/gvisor/, /Create that RuntimeClass, or correct spec\.template\.runtimeClassName\.$/],
  },
  'no-priority-class': {
    spec: { template: { priorityClassName: 'urgent' } },
    reason: 'PriorityClassNotFound',
    says: [/urgent/, /Create that PriorityClass, or correct spec\.template\.priorityClassName\.$/],
  },
  'no-node': {
    spec: { template: { nodeSelector: { 'example.com/pool': 'sandbox' } } },
    reason: 'Unschedulable',
    says: [/nodes are available/, /Add nodes, or change spec\.template/],
    mayPass: true,
  },
  'too-large-for-any-node': {
    spec: { template: { resources: { requests: { memory: '4Ti' } } } },
    reason: 'Unschedulable',
    says: [/Insufficient memory/, /Add nodes, or change spec\.template/],
    mayPass: true,
  },
  'bad-affinity': {
    spec: {
      template: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [] }] }],
            },
          },
        },
      },
    },
    reason: 'InvalidTemplate',
    says: [/matchExpressions\[0\]\.values/, /Correct spec\.template or spec\.image\.$/],
  },
  'bad-resource': {
    spec: { template: { resources: { limits: { 'no such/thing': '1' } } } },
    reason: 'InvalidTemplate',
    says: [/no such\/thing/, /Correct spec\.template or spec\.image\.$/],
  },
};

const says = (name: string, reason: string, where = namespace): Promise<ScriptRuntime> =>
  where.until(`ScriptRuntime ${name} to have reason ${reason}`, async () => {
    const found = await where.get<ScriptRuntime>('scriptruntime', name);
    return conditionOf(found, 'Ready')?.reason === reason ? found : undefined;
  });

function expectObstacle(
  found: ScriptRuntime,
  { reason, says: [what, advice], mayPass = false }: Omit<Obstacle, 'spec' | 'mayPass'> & { mayPass?: boolean },
): void {
  const [told, other] = mayPass ? ['Reconciling', 'Stalled'] : ['Stalled', 'Reconciling'];
  for (const [type, status] of [
    ['Ready', 'False'],
    [told, 'True'],
  ] as [string, string][]) {
    expect(conditionOf(found, type)).toMatchObject({ status, reason, message: expect.stringMatching(what) });
    expect(conditionOf(found, type)?.message).toMatch(advice);
  }
  expect(conditionOf(found, other as string)).toBeUndefined();
}

const account = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
const quota: Manifest = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota' },
  spec: { hard: { pods: '0' } },
};
const range: Manifest = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'range' },
  spec: { limits: [{ type: 'Container', max: { memory: '64Mi' } }] },
};

beforeAll(async () => {
  const broken = Object.entries(OBSTACLES).map(([name, { spec }]) => runtime(name, spec));
  await namespace.apply([account('copepod-taken'), ...broken, runtime('taken', {}), runtime('empty', { replicas: 0 })]);
  await strict.apply([quota, runtime('default', {})]);
});

describe('a runtime that cannot run reports the problem and advice', () => {
  test.each(Object.entries(OBSTACLES))('%s', async (name, obstacle) => {
    expectObstacle(await says(name, obstacle.reason), obstacle);
  });

  test('a name that is taken, until it is freed', async () => {
    const stalled = async () => conditionOf(await namespace.get<ScriptRuntime>('scriptruntime', 'taken'), 'Stalled');
    // Its other objects are there, and its pods run.
    await says('taken', 'PodsReady');
    expect(await stalled()).toMatchObject({
      status: 'True',
      reason: 'NameTaken',
      message: expect.stringMatching(
        /^ServiceAccount: "copepod-taken" exists and does not belong to this runtime\. Delete or rename that object/,
      ),
    });
    await namespace.kubectl('delete', 'serviceaccount', 'copepod-taken');
    await namespace.until('the name to be free', async () => (await stalled()) === undefined);
  });

  test('a quota', async () => {
    const found = await says('default', 'QuotaExceeded', strict);
    expectObstacle(found, {
      reason: 'QuotaExceeded',
      says: [/exceeded quota: quota/, /Raise the ResourceQuota, or lower/],
      mayPass: true,
    });
  });

  test('a LimitRange', async () => {
    await strict.apply([range]);
    await strict.kubectl('delete', 'resourcequota', 'quota');
    await strict.apply([runtime('limited', {})]);
    const found = await says('limited', 'LimitRangeRefused', strict);
    expectObstacle(found, {
      reason: 'LimitRangeRefused',
      says: [/maximum memory usage per Container/, /Set spec\.template\.resources/],
    });
  });

  test('all of them are also Warning Events', async () => {
    const events = await namespace.kubectl('get', 'events', '--field-selector=type=Warning');
    for (const { reason } of Object.values(OBSTACLES)) expect(events).toContain(reason);
  });
});

describe('a runtime without its obstacle', () => {
  test.each([
    ['no-image', { image: null }],
    ['no-runtime-class', { template: null }],
    ['bad-affinity', { template: null }],
  ])('%s: runs', async (name, correction) => {
    await says(name, (OBSTACLES[name] as Obstacle).reason);
    await namespace.patchSpec('scriptruntime', name, correction);
    const found = await namespace.ready(name);
    expect(conditionOf(found, 'Stalled')).toBeUndefined();
    expect(conditionOf(found, 'Ready')).toMatchObject({ status: 'True', reason: 'PodsReady' });
  });
});

test('a runtime with zero replicas is Ready', async () => {
  const found = await says('empty', 'ScaledToZero');
  expect(conditionOf(found, 'Ready')).toMatchObject({ status: 'True' });
  expect(conditionOf(found, 'Stalled')).toBeUndefined();
});
