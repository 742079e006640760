import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { PodStats } from '../../../../src/api/pod-protocol.ts';
import type { ScriptRuntime, ScriptRuntimeStatus } from '../../../../src/api/types.generated.ts';
import { validateObject } from '../../../../src/api/validate.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import type { EventRecorder } from '../../../../src/kube/events.ts';
import type { Informer } from '../../../../src/kube/informer.ts';
import { keyOf } from '../../../../src/kube/object.ts';
import type { Deployment } from '../../../../src/kube/resources.ts';
import { Store } from '../../../../src/kube/store.ts';
import type { ChildProblem } from '../../../../src/operator/runtimes/child-problem.ts';
import type { ChildReport } from '../../../../src/operator/runtimes/child-writer.ts';
import { type Child, templateOf } from '../../../../src/operator/runtimes/children.ts';
import { PODS_BY_RUNTIME } from '../../../../src/operator/runtimes/pods-by-runtime.ts';
import { RuntimeReconciler } from '../../../../src/operator/runtimes/reconciler.ts';
import { LIMITS } from '../../../support/limits.ts';

const KEY = 'acme/web';

let store: Store<ScriptRuntime>;
let deployments: Store<Deployment>;
let pods: Store<KnownPod>;
let reconciler: RuntimeReconciler;
let written: ScriptRuntimeStatus[];
let applied: (readonly Child[])[];
let told: string[];
let serving: number;
let busy: { running: number; pending: number };
let saturated: boolean;
let held: { replicas: number; lookAgainMs: number } | undefined;
let refusal: ChildProblem | undefined;
let report: Partial<ChildReport>;
let trouble: Error | undefined;
/** The object as the API server has it, where the cache is behind. */
let found: ScriptRuntime | undefined;

function makeRuntime(more: Partial<ScriptRuntime['metadata']> = {}): ScriptRuntime {
  const made = defaultRuntime('web', 'acme');
  const metadata = { ...made.metadata, uid: 'rt-1', generation: 1, resourceVersion: '1', ...more };
  return { ...made, metadata, status: { observedGeneration: -1 } };
}

beforeEach(() => {
  jest.useFakeTimers();
  store = new Store();
  deployments = new Store();
  pods = new Store({ [PODS_BY_RUNTIME]: ({ runtime }) => (runtime === undefined ? [] : [runtime]) });
  [written, applied, told] = [[], [], []];
  [held, saturated, report] = [undefined, false, {}];
  [serving, busy, refusal, trouble, found] = [0, { running: 0, pending: 0 }, undefined, undefined, undefined];
  const client = {
    replaceStatus: async (_resource: unknown, object: ScriptRuntime): Promise<ScriptRuntime> => {
      if (trouble) throw trouble;
      const checked = validateObject('ScriptRuntime', JSON.parse(JSON.stringify(object)) as JsonValue, {
        status: true,
      });
      if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
      written.push(object.status);
      const resourceVersion = String(Number(object.metadata.resourceVersion) + 1);
      return { ...object, metadata: { ...object.metadata, resourceVersion } };
    },
    find: async () => found,
  };
  reconciler = new RuntimeReconciler({
    client: client as unknown as KubeClient,
    runtimes: { store, observe: (object: ScriptRuntime) => store.set(object) } as unknown as Informer<ScriptRuntime>,
    deployments,
    pods,
    children: {
      apply: async (_runtime: unknown, children: readonly Child[]) => {
        applied.push(children);
        return { problems: refusal === undefined ? [] : [refusal], ...report };
      },
      forget: () => {},
      hasNetworkPolicy: () => true,
    },
    endpointSecrets: () => [],
    podDefaults: {
      image: 'copepod:1',
      publicKey: '{}',
      gatewayPublicKey: '{}',
      operatorNamespace: 'copepod-system',
      scraperNamespaces: [],
    },
    events: {
      record: (_about: unknown, { type, reason }: { type: string; reason: string }) => told.push(`${type} ${reason}`),
    } as unknown as EventRecorder,
    replicas: ({ spec }) => spec.replicas,
    scaleDown: { step: async (_key, _runtime, wanted) => held ?? { replicas: wanted }, forget: () => {} },
    serving: () => serving,
    isSaturated: () => saturated,
    executions: () => busy,
  });
  store.set(makeRuntime());
});
afterEach(() => {
  jest.useRealTimers();
});

function rolledOut(): void {
  serving = 1;
  deployments.set({
    metadata: { name: 'copepod-web', namespace: 'acme', generation: 1 },
    spec: { replicas: 1, selector: {}, template: {} },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 },
  });
}

const pod = (uid: string, more: Partial<KnownPod> = {}): KnownPod => ({
  metadata: { name: `pod-${uid}`, namespace: 'acme', uid },
  runtime: KEY,
  address: '10.0.0.1:8080',
  isTerminal: false,
  standing: 'ready',
  deletionCost: { given: undefined, isMarked: false },
  life: 'a#0',
  trouble: undefined,
  ...more,
});
const stats = (total: number): PodStats => ({
  bootID: 'boot-1',
  draining: false,
  ready: true,
  capacity: 4,
  limits: LIMITS,
  executions: { total, succeeded: total, errors: 0, timeouts: 0, running: 0, pending: 0 },
  pool: { size: 4, idle: 4, busy: 0, created: 4, destroyed: 0 },
  compilation: { size: 0, hits: 0, misses: total },
  unacknowledged: 0,
});
const reasons = (): string[] | undefined => written.at(-1)?.conditions?.map(({ type, reason }) => `${type} ${reason}`);

describe('a runtime that shall have fewer pods', () => {
  test('keeps for now those that are needed to finish, says so, and is looked at again', async () => {
    rolledOut();
    held = { replicas: 3, lookAgainMs: 700 };
    expect(await reconciler.reconcile(KEY)).toEqual({ requeueAfterMs: 700 });
    const deployment = applied[0]?.find(({ kind }) => kind === 'Deployment') as { spec?: { replicas: number } };
    expect(deployment.spec?.replicas).toBe(3);
    expect(written[0]?.conditions?.find(({ type }) => type === 'Ready')?.message).toBe(
      '1 of 1 pods accept executions.',
    );
  });
});

describe('a runtime', () => {
  test('has its objects applied, and its status says how it is', async () => {
    expect(await reconciler.reconcile(KEY)).toBeUndefined();
    expect(applied[0]?.map(({ kind }) => kind)).toContain('Deployment');
    expect(written[0]).toMatchObject({
      observedGeneration: 1,
      replicas: 0,
      readyReplicas: 0,
      selector: 'copepod.dev/runtime=web',
      executions: { total: 0, running: 0, pending: 0 },
    });
    expect(reasons()).toEqual(['Ready Progressing', 'Reconciling Progressing']);
  });

  test('is written again only where something has changed', async () => {
    await reconciler.reconcile(KEY);
    await reconciler.reconcile(KEY);
    expect(written).toHaveLength(1);
    rolledOut();
    await reconciler.reconcile(KEY);
    expect(reasons()).toEqual(['Ready PodsReady']);
    expect(written.at(-1)).toMatchObject({ replicas: 1, readyReplicas: 1 });
    await reconciler.reconcile(KEY);
    expect(written).toHaveLength(2);
  });

  test('that is being deleted says so, and nothing of it is applied', async () => {
    store.set(makeRuntime({ deletionTimestamp: '2026-11-22T10:00:00Z' }));
    await reconciler.reconcile(KEY);
    expect(applied).toEqual([]);
    expect(reasons()).toEqual(['Ready Deleting', 'Reconciling Deleting']);
  });

  test('that is gone is forgotten: another of its name counts from nothing', async () => {
    reconciler.podTold(pod('1'), stats(7));
    await reconciler.reconcile(KEY);
    expect(written.at(-1)?.executions?.total).toBe(7);
    store.delete(KEY);
    expect(await reconciler.reconcile(KEY)).toBeUndefined();
    store.set(makeRuntime({ uid: 'rt-2' }));
    await reconciler.reconcile(KEY);
    expect(written.at(-1)?.executions?.total).toBe(0);
  });

  test('is decided upon again where another has written it', async () => {
    trouble = new ApiError(409, { reason: 'Conflict' });
    found = makeRuntime({ generation: 2, resourceVersion: '9' });
    expect(await reconciler.reconcile(KEY)).toEqual({ requeueAfterMs: 50 });
    trouble = undefined;
    await reconciler.reconcile(KEY);
    expect(written).toMatchObject([{ observedGeneration: 2 }]);
  });

  test('whose status the API server does not take now is tried again', async () => {
    trouble = new ApiError(500, { message: 'no' });
    await expect(reconciler.reconcile(KEY)).rejects.toBe(trouble);
  });
});

describe('a refusal', () => {
  test('is told, in status and Event, and tried again after a while: nobody says when it has passed', async () => {
    refusal = { kind: 'Deployment', reason: 'Forbidden', message: 'no right' };
    await reconciler.reconcile(KEY);
    expect(reasons()).toEqual(['Ready Forbidden', 'Stalled Forbidden']);
    expect(told).toEqual(['Warning Forbidden']);
    expect(await reconciler.reconcile(KEY)).toEqual({ requeueAfterMs: 15_000 });
    expect([written.length, told.length]).toEqual([1, 1]);
  });

  test('that may pass is told too, and tried again with back-off', async () => {
    refusal = { kind: 'Deployment', reason: 'ApplyFailed', message: 'failed calling webhook' };
    report = { error: new ApiError(500, { message: 'failed calling webhook' }) };
    await expect(reconciler.reconcile(KEY)).rejects.toBe(report.error);
    expect(reasons()).toEqual(['Ready ApplyFailed', 'Reconciling ApplyFailed']);
  });

  test('of what something else changes is tried again when its back-off is over', async () => {
    refusal = { kind: 'Deployment', reason: 'Overwritten', message: 'Another client changes spec.replicas' };
    report = { requeueAfterMs: 4000 };
    expect(await reconciler.reconcile(KEY)).toEqual({ requeueAfterMs: 4000 });
    expect(reasons()).toEqual(['Ready Overwritten', 'Reconciling Overwritten']);
  });

  test('that has passed is gone from the status', async () => {
    refusal = { kind: 'Deployment', reason: 'Forbidden', message: 'no right' };
    await reconciler.reconcile(KEY);
    refusal = undefined;
    rolledOut();
    await reconciler.reconcile(KEY);
    expect(reasons()).toEqual(['Ready PodsReady']);
    expect(told).toEqual(['Warning Forbidden', 'Normal PodsReady']);
  });
});

describe('what keeps pods from running', () => {
  const crashes = { reason: 'CrashLoopBackOff', message: '' };

  /** The template that its pods are made from now. */
  let template: string | undefined;
  beforeEach(async () => {
    await reconciler.reconcile(KEY);
    template = templateOf(applied[0] ?? []);
  });

  test('is told', async () => {
    pods.set(pod('1', { trouble: crashes, template }));
    await reconciler.reconcile(KEY);
    expect(reasons()).toContain('Ready PodsCrash');
  });

  test.each<[string, () => Partial<KnownPod>]>([
    [
      'of a pod that goes',
      () => ({ metadata: { ...pod('1').metadata, deletionTimestamp: '2026-11-22T10:00:00Z' }, template }),
    ],
    ['of a pod of an older template', () => ({ template: 'older' })],
    ['of another runtime’s pod', () => ({ runtime: 'acme/other', template })],
  ])('is not the trouble %s', async (_, more) => {
    pods.set(pod('1', { trouble: crashes, ...more() }));
    await reconciler.reconcile(KEY);
    expect(reasons()).toEqual(['Ready Progressing', 'Reconciling Progressing']);
  });
});

test('a runtime that is saturated says so, and an Event does', async () => {
  rolledOut();
  await reconciler.reconcile(KEY);
  saturated = true;
  await reconciler.reconcile(KEY);
  expect(reasons()).toEqual(['Ready PodsReady', 'Saturated AllBusy']);
  expect(told).toEqual(['Normal PodsReady', 'Warning AllBusy']);
  saturated = false;
  await reconciler.reconcile(KEY);
  expect(reasons()).toEqual(['Ready PodsReady']);
  expect(told).toHaveLength(2);
});

describe('the containment of its sandboxes', () => {
  const active = { seccomp: 'Active', permissionModel: 'Active' } as const;
  const inactive = { seccomp: 'Inactive', permissionModel: 'Active', reason: 'the kernel refuses it' } as const;
  let template: string | undefined;
  beforeEach(async () => {
    const made = makeRuntime();
    store.set({ ...made, spec: { ...made.spec, pool: { ...made.spec.pool, seccomp: 'IfAvailable' } } });
    rolledOut();
    await reconciler.reconcile(KEY);
    template = templateOf(applied.at(-1) ?? []);
    pods.set(pod('1', { template }));
    pods.set(pod('2', { template }));
  });
  const tell = async (uid: string, containment: NonNullable<PodStats['containment']>): Promise<void> => {
    reconciler.podTold(pod(uid, { template }), { ...stats(0), containment });
    await reconciler.reconcile(KEY);
  };

  test('is in its status as the weakest that a pod reports, and an Event tells when it is missing', async () => {
    expect(written.at(-1)?.containment).toBeUndefined();
    await tell('1', active);
    expect(written.at(-1)?.containment).toEqual(active);
    expect(reasons()).toEqual(['Ready PodsReady']);
    await tell('2', inactive);
    expect(written.at(-1)?.containment).toEqual(inactive);
    expect(reasons()).toEqual(['Ready PodsReady', 'SeccompInactive FilterUnavailable']);
    expect(told).toEqual(['Normal PodsReady', 'Warning FilterUnavailable']);
    await tell('2', active);
    expect(written.at(-1)?.containment).toEqual(active);
    expect(reasons()).toEqual(['Ready PodsReady']);
  });

  test('is kept while no pod has been heard, and removed with the last pod', async () => {
    const known = store.get(KEY) as ScriptRuntime;
    store.set({ ...known, status: { ...known.status, containment: active } });
    busy = { running: 1, pending: 0 };
    jest.advanceTimersByTime(10_000);
    await reconciler.reconcile(KEY);
    expect(written.at(-1)).toMatchObject({ executions: { running: 1 }, containment: active });
    for (const uid of ['1', '2']) pods.delete(keyOf(pod(uid)));
    await reconciler.reconcile(KEY);
    expect(written.at(-1)?.containment).toBeUndefined();
  });
});

describe('its numbers', () => {
  beforeEach(async () => {
    rolledOut();
    pods.set(pod('1'));
    reconciler.podTold(pod('1'), stats(1));
    await reconciler.reconcile(KEY);
  });

  test('alone are written every ten seconds at most', async () => {
    reconciler.podTold(pod('1'), stats(2));
    expect(await reconciler.reconcile(KEY)).toEqual({ requeueAfterMs: 10_000 });
    jest.advanceTimersByTime(4000);
    reconciler.podTold(pod('1'), stats(3));
    expect(await reconciler.reconcile(KEY)).toEqual({ requeueAfterMs: 6000 });
    jest.advanceTimersByTime(6000);
    expect(await reconciler.reconcile(KEY)).toBeUndefined();
    expect(written.map(({ executions }) => executions?.total)).toEqual([1, 3]);
  });

  test('go with what is news', async () => {
    reconciler.podTold(pod('1'), stats(2));
    serving = 0;
    deployments.delete('acme/copepod-web');
    await reconciler.reconcile(KEY);
    expect(written.at(-1)).toMatchObject({ executions: { total: 2 }, readyReplicas: 0 });
  });

  test('hold what waits and runs, as the operator knows it', async () => {
    busy = { running: 2, pending: 5 };
    jest.advanceTimersByTime(10_000);
    await reconciler.reconcile(KEY);
    expect(written.at(-1)?.executions).toMatchObject({ running: 2, pending: 5 });
  });

  test('keep what a pod had counted that is gone', async () => {
    reconciler.podGone(pod('1'));
    pods.delete(keyOf(pod('1')));
    jest.advanceTimersByTime(10_000);
    await reconciler.reconcile(KEY);
    expect(written.at(-1)).toMatchObject({ executions: { total: 1 }, pool: { size: 0 }, retired: { total: 1 } });
  });

  test('of a pod of no runtime that we know are nobody’s', () => {
    expect(() => reconciler.podTold(pod('2', { runtime: 'acme/none' }), stats(1))).not.toThrow();
    expect(() => reconciler.podGone(pod('2', { runtime: undefined }))).not.toThrow();
  });
});

test('the next leader adds up only when every pod has told: what pods that are gone had counted stays', async () => {
  const before = { total: 100, succeeded: 100, errors: 0, timeouts: 0, running: 0, pending: 0 };
  store.set({ ...makeRuntime(), status: { observedGeneration: 1, executions: before } });
  pods.set(pod('1'));
  pods.set(pod('2'));
  reconciler.podTold(pod('1'), stats(10));
  await reconciler.reconcile(KEY);
  expect(written.at(-1)).toMatchObject({ executions: { total: 100 }, retired: { total: 0 } });
  reconciler.podTold(pod('2'), stats(20));
  jest.advanceTimersByTime(10_000);
  await reconciler.reconcile(KEY);
  expect(written.at(-1)).toMatchObject({ executions: { total: 100 }, retired: { total: 70 } });
});
