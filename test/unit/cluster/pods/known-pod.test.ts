import { describe, expect, test } from '@jest/globals';
import { knownPod } from '../../../../src/cluster/pods/known-pod.ts';
import type { Pod } from '../../../../src/kube/resources.ts';

const OWNER = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name: 'copepod-web-7d9c4f',
  uid: 'rs-1',
  controller: true,
};

interface Parts {
  readonly metadata?: Partial<Pod['metadata']>;
  readonly spec?: Partial<NonNullable<Pod['spec']>>;
  readonly status?: Pod['status'];
}

/** A pod of runtime acme/web as the API server returns it. */
function pod({ metadata = {}, spec = {}, status }: Parts = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'copepod-web-7d9c4f-x2x',
      namespace: 'acme',
      uid: 'pod-1',
      labels: { 'copepod.dev/runtime': 'web', 'app.kubernetes.io/managed-by': 'copepod' },
      annotations: { note: 'long' },
      ownerReferences: [OWNER],
      ...metadata,
    },
    spec: { containers: [{ name: 'runtime', image: 'copepod:1' }], ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
const container = (fields: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'runtime',
  image: 'copepod:1',
  imageID: '',
  ready: true,
  restartCount: 0,
  containerID: 'containerd://a',
  ...fields,
});
const waiting = (reason: string, message?: string): NonNullable<Pod['status']> => ({
  containerStatuses: [container({ state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } })],
});

describe('a pod belongs to a runtime', () => {
  test.each<[string, Parts, string | undefined]>([
    ['if a ReplicaSet of its Deployment is its controller', {}, 'acme/web'],
    ['not if it only has the label', { metadata: { ownerReferences: [] } }, undefined],
    ['not without owner references', { metadata: { ownerReferences: undefined as never } }, undefined],
    [
      'not if its owner is not its controller',
      { metadata: { ownerReferences: [{ ...OWNER, controller: false }] } },
      undefined,
    ],
    [
      'not if its controller is of another runtime',
      { metadata: { ownerReferences: [{ ...OWNER, name: 'copepod-other-7d9' }] } },
      undefined,
    ],
    [
      'not if its controller is of another kind',
      { metadata: { ownerReferences: [{ ...OWNER, kind: 'Job' }] } },
      undefined,
    ],
    ['not without the label', { metadata: { labels: {} } }, undefined],
    ['not with hostNetwork, where other processes could answer', { spec: { hostNetwork: true } }, undefined],
    ['not without a namespace', { metadata: { namespace: undefined as never } }, undefined],
  ])('%s', (_, parts, runtime) => {
    expect(knownPod(pod(parts)).runtime).toBe(runtime);
  });
});

describe('the projection of a pod', () => {
  test('is small', () => {
    expect(knownPod(pod())).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'copepod-web-7d9c4f-x2x', namespace: 'acme', uid: 'pod-1' },
      runtime: 'acme/web',
      address: undefined,
      isTerminal: false,
      standing: 'unassigned',
      deletionCost: { given: undefined, isMarked: false },
      life: '#0',
      trouble: undefined,
    });
  });

  test.each([
    ['10.0.0.7', '10.0.0.7:8080'],
    ['fd00::7', '[fd00::7]:8080'],
  ])('has the address %s as %s', (podIP, address) => {
    expect(knownPod(pod({ status: { podIP } })).address).toBe(address);
  });

  test.each([
    ['Pending', false],
    ['Running', false],
    ['Unknown', false],
    ['Succeeded', true],
    ['Failed', true],
  ])('tells whether a pod that is %s has ended for good: %s', (phase, isTerminal) => {
    expect(knownPod(pod({ status: { phase } })).isTerminal).toBe(isTerminal);
  });

  const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] });
  test.each<[string, string | undefined, Pod['status']]>([
    ['unassigned', undefined, { phase: 'Pending' }],
    ['unassigned', '', undefined],
    ['pending', 'node-1', { phase: 'Pending' }],
    ['pending', 'node-1', undefined],
    ['unknown', 'node-1', { phase: 'Unknown', ...ready('True') }],
    ['unready', 'node-1', { phase: 'Running' }],
    ['unready', 'node-1', { phase: 'Running', ...ready('False') }],
    ['ready', 'node-1', { phase: 'Running', ...ready('True') }],
  ])('has come as far as %s on %s', (standing, nodeName, status) => {
    const spec = nodeName === undefined ? {} : { nodeName };
    expect(knownPod(pod({ spec, ...(status && { status }) })).standing).toBe(standing);
  });

  test('has the deletion cost set by a user', () => {
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '5' };
    expect(knownPod(pod({ metadata: { annotations } })).deletionCost).toEqual({ given: '5', isMarked: false });
  });

  test('has a new boot with each start of its container, independent of sidecars', () => {
    const sidecar = container({ name: 'a-proxy', containerID: 'containerd://p', restartCount: 3 });
    const life = (...containerStatuses: ContainerStatus[]): string =>
      knownPod(pod({ status: { containerStatuses } })).life;
    const first = life(sidecar, container());
    expect(life({ ...sidecar, restartCount: 4 }, container())).toBe(first);
    expect(life(sidecar, container({ restartCount: 1 }))).not.toBe(first);
    expect(life(sidecar, container({ containerID: 'containerd://b' }))).not.toBe(first);
  });
});

function oomKilled(now: 'terminated' | 'running' | 'CrashLoopBackOff'): Partial<ContainerStatus> {
  const terminated = { reason: 'OOMKilled', exitCode: 137 };
  if (now === 'terminated') return { state: { terminated } };
  const state = now === 'running' ? { running: {} } : { waiting: { reason: now } };
  return { state, lastState: { terminated } };
}

describe('why a pod does not run', () => {
  const unscheduled = (reason: string | undefined, message: string) => ({
    conditions: [{ type: 'PodScheduled', status: 'False', message, ...(reason === undefined ? {} : { reason }) }],
  });
  test.each<[string, Pod['status'], object | undefined]>([
    ['it runs', { containerStatuses: [container()] }, undefined],
    ['it has no status', undefined, undefined],
    ['its container is being created', waiting('ContainerCreating'), undefined],
    ['it is being initialized', waiting('PodInitializing'), undefined],
    ['its image is not there', waiting('ErrImagePull', 'not found'), { reason: 'ErrImagePull', message: 'not found' }],
    ['it crashes', waiting('CrashLoopBackOff'), { reason: 'CrashLoopBackOff', message: '' }],
    [
      'it was OOM-killed and is not restarted yet',
      { containerStatuses: [container({ ready: false, restartCount: 2, ...oomKilled('terminated') })] },
      { reason: 'OOMKilled', message: 'its container has been started anew 2 times' },
    ],
    [
      'it was OOM-killed and waits',
      { containerStatuses: [container({ ready: false, restartCount: 3, ...oomKilled('CrashLoopBackOff') })] },
      { reason: 'OOMKilled', message: 'its container has been started anew 3 times' },
    ],
    [
      'it was OOM-killed and serves again',
      { containerStatuses: [container({ restartCount: 1, ...oomKilled('running') })] },
      undefined,
    ],
    ['no node has room', unscheduled('Unschedulable', '0/3 nodes'), { reason: 'Unschedulable', message: '0/3 nodes' }],
    ['no node has it, and nobody says why', unscheduled(undefined, ''), { reason: 'Unschedulable', message: '' }],
    ['it is scheduled', { conditions: [{ type: 'PodScheduled', status: 'True' }] }, undefined],
    [
      'a sidecar waits, its container does not',
      {
        containerStatuses: [
          container({ name: 'a-proxy', state: { waiting: { reason: 'ErrImagePull' } } }),
          container(),
        ],
      },
      undefined,
    ],
  ])('%s', (_, status, trouble) => {
    expect(knownPod(pod({ ...(status === undefined ? {} : { status }) })).trouble).toEqual(trouble);
  });
});
