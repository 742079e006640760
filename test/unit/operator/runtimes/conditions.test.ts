import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import { referencesDigest, valueReferences } from '../../../../src/api/env.ts';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { Condition, ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { validateObject } from '../../../../src/api/validate.ts';
import type { Deployment } from '../../../../src/kube/resources.ts';
import type { ChildProblem } from '../../../../src/operator/runtimes/child-problem.ts';
import { runtimeConditions } from '../../../../src/operator/runtimes/conditions.ts';
import type { RuntimeSituation } from '../../../../src/operator/runtimes/situation.ts';
import { kstatus } from '../executions/objects.ts';

const NOW = new Date('2026-11-22T10:00:00.250Z');

function runtime(conditions: Condition[] = []): ScriptRuntime {
  const made = defaultRuntime('web', 'acme');
  return {
    ...made,
    metadata: { ...made.metadata, uid: 'uid-1', generation: 3 },
    status: { observedGeneration: 3, conditions },
  };
}

/** A Deployment that is what it should be, but for what is said. */
function deployment(
  replicas = 2,
  status: Partial<NonNullable<Deployment['status']>> = {},
  metadata: Partial<Deployment['metadata']> = {},
): Deployment {
  return {
    metadata: { name: 'copepod-web', namespace: 'acme', generation: 7, ...metadata },
    spec: { replicas, selector: {}, template: {} },
    status: { observedGeneration: 7, replicas, updatedReplicas: replicas, readyReplicas: replicas, ...status },
  };
}

function autoscaled(): ScriptRuntime {
  const made = runtime();
  const autoscaling = { minReplicas: 1, maxReplicas: 5, targetUtilization: 70, stableWindow: '60s' };
  return { ...made, spec: { ...made.spec, autoscaling } };
}

function withResources(resources: object): ScriptRuntime {
  const made = runtime();
  return { ...made, spec: { ...made.spec, template: { resources } } };
}

const ACTIVE = { seccomp: 'Active', permissionModel: 'Active' } as const;
const UNKNOWN = { seccomp: 'Unknown', permissionModel: 'Active' } as const;
const INACTIVE = {
  seccomp: 'Inactive',
  permissionModel: 'Active',
  reason: 'the kernel refuses seccomp filters',
} as const;

function withSeccomp(seccomp: 'Required' | 'IfAvailable'): ScriptRuntime {
  const made = runtime();
  return { ...made, spec: { ...made.spec, pool: { ...made.spec.pool, seccomp } } };
}

const pausedAt = (replicas: number, status?: Partial<NonNullable<Deployment['status']>>): Deployment => {
  const made = deployment(replicas, status);
  return { ...made, spec: { ...made.spec, paused: true } as NonNullable<Deployment['spec']> };
};

const TOO_SLOW = {
  conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
};

const cannotMake = (message: string): Deployment =>
  deployment(2, {
    readyReplicas: 0,
    conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
  });

function situation(parts: Partial<RuntimeSituation> = {}): RuntimeSituation {
  return {
    runtime: runtime(),
    replicas: 2,
    serving: 2,
    isSaturated: false,
    deployment: deployment(),
    troubles: [],
    containment: [],
    values: [],
    tools: [],
    problems: [],
    hasNetworkPolicy: true,
    ...parts,
  };
}

const conditionsOf = (parts: Partial<RuntimeSituation>): Map<string, Condition> =>
  new Map(runtimeConditions(situation(parts), NOW).map((each) => [each.type, each]));
const said = (parts: Partial<RuntimeSituation>): Record<string, string> =>
  Object.fromEntries(
    runtimeConditions(situation(parts), NOW).map((each) => [each.type, `${each.status} ${each.reason}`]),
  );

const trouble = (reason: string, message = '') => [{ reason, message }];
const refused = (reason: ChildProblem['reason'], kind = 'Deployment', message = 'no'): ChildProblem => ({
  kind,
  message,
  reason,
});

const READY = { Ready: 'True PodsReady' };
const MOVING = { Reconciling: 'True Progressing' };
const none = { serving: 0, deployment: deployment(2, { readyReplicas: 0 }) };

/** What is known, what the conditions say, and what kstatus reads. */
const SITUATIONS: readonly [string, Partial<RuntimeSituation>, Record<string, string>, string][] = [
  ['all is as it should be', {}, READY, 'Current'],
  [
    'nothing has been made',
    { serving: 0, deployment: undefined },
    { Ready: 'False Progressing', ...MOVING },
    'InProgress',
  ],
  ['pods start', none, { Ready: 'False Progressing', ...MOVING }, 'InProgress'],
  [
    'one pod serves, the other starts',
    { serving: 1, deployment: deployment(2, { readyReplicas: 1 }) },
    { ...READY, ...MOVING },
    'InProgress',
  ],
  ['the kubelet has not seen yet that a pod serves', { ...none, serving: 1 }, { ...READY, ...MOVING }, 'InProgress'],
  [
    'a change has not been seen',
    { deployment: deployment(2, { observedGeneration: 6 }) },
    { ...READY, ...MOVING },
    'InProgress',
  ],
  [
    'old pods are replaced',
    { deployment: deployment(2, { updatedReplicas: 1 }) },
    { ...READY, ...MOVING },
    'InProgress',
  ],
  ['a pod too many goes', { deployment: deployment(2, { replicas: 3 }) }, { ...READY, ...MOVING }, 'InProgress'],
  ['the number of pods changes', { replicas: 3 }, { ...READY, ...MOVING }, 'InProgress'],
  [
    'it has no pods, as it should',
    { replicas: 0, serving: 0, deployment: deployment(0) },
    { Ready: 'True ScaledToZero' },
    'Current',
  ],
  [
    'its last pods go',
    { replicas: 0, deployment: deployment(0, { replicas: 1 }) },
    { Ready: 'True ScaledToZero', ...MOVING },
    'InProgress',
  ],
  [
    'pods crash',
    { ...none, troubles: trouble('CrashLoopBackOff') },
    { Ready: 'False PodsCrash', Reconciling: 'True PodsCrash' },
    'InProgress',
  ],
  [
    'pods crash for longer than the progress deadline',
    { ...none, deployment: deployment(2, { readyReplicas: 0, ...TOO_SLOW }), troubles: trouble('CrashLoopBackOff') },
    { Ready: 'False PodsCrash', Stalled: 'True PodsCrash' },
    'Failed',
  ],
  [
    'pods do not become ready, and nobody says why',
    { ...none, deployment: deployment(2, { readyReplicas: 0, ...TOO_SLOW }) },
    { Ready: 'False ProgressDeadlineExceeded', Stalled: 'True ProgressDeadlineExceeded' },
    'Failed',
  ],
  [
    'a rollout meets an image that is not there, and the old pods serve',
    { deployment: deployment(2, { replicas: 3, updatedReplicas: 1 }), troubles: trouble('ImagePullBackOff') },
    { ...READY, Reconciling: 'True ImagePullFailed' },
    'InProgress',
  ],
  [
    'a rollout is stuck, and the old pods serve',
    {
      deployment: deployment(2, { replicas: 3, updatedReplicas: 1, ...TOO_SLOW }),
      troubles: trouble('ImagePullBackOff'),
    },
    { ...READY, Stalled: 'True ImagePullFailed' },
    'Failed',
  ],
  [
    'its pods are ready, and their NetworkPolicy is not there',
    { serving: 0, hasNetworkPolicy: false, problems: [refused('Forbidden', 'NetworkPolicy')] },
    { Ready: 'False Forbidden', Stalled: 'True Forbidden' },
    'Failed',
  ],
  [
    'its pods are ready, and their NetworkPolicy is not there yet',
    { serving: 0, hasNetworkPolicy: false },
    { Ready: 'False NetworkPolicyMissing', Reconciling: 'True NetworkPolicyMissing' },
    'InProgress',
  ],
  [
    'another child is refused, and the pods serve',
    { problems: [refused('NameTaken', 'PodDisruptionBudget')] },
    { ...READY, Stalled: 'True NameTaken' },
    'Failed',
  ],
  [
    'the API server fails for now',
    { problems: [refused('ApplyFailed')] },
    { ...READY, Reconciling: 'True ApplyFailed' },
    'InProgress',
  ],
  [
    'it shall have no pods, and its Deployment cannot be written',
    { replicas: 0, serving: 1, deployment: deployment(1), problems: [refused('Forbidden')] },
    { ...READY, Stalled: 'True Forbidden' },
    'Failed',
  ],
  ['its Deployment is paused, and all is as it should be', { deployment: pausedAt(2) }, READY, 'Current'],
  [
    'its Deployment is paused, and a change waits',
    { deployment: pausedAt(2, { updatedReplicas: 0 }) },
    { ...READY, Stalled: 'True DeploymentPaused' },
    'Failed',
  ],
  [
    'it is being deleted, whatever else there is to say',
    {
      runtime: { ...runtime(), metadata: { ...runtime().metadata, deletionTimestamp: '2026-11-22T10:00:00Z' } },
      problems: [refused('Forbidden')],
    },
    { Ready: 'False Deleting', Reconciling: 'True Deleting' },
    'InProgress',
  ],
  [
    'the autoscaler adds a pod',
    { runtime: autoscaled(), replicas: 3, deployment: deployment(3, { readyReplicas: 2 }) },
    READY,
    'Current',
  ],
  [
    'a new template rolls out to pods that are autoscaled',
    { runtime: autoscaled(), deployment: deployment(2, { replicas: 3, updatedReplicas: 1 }) },
    { ...READY, ...MOVING },
    'InProgress',
  ],
];

/** What keeps a runtime from its pods, the reason that is given, and what somebody is told to do. */
const OBSTACLES: readonly [string, Partial<RuntimeSituation>, string, RegExp][] = [
  [
    'an invalid child',
    { ...none, problems: [refused('InvalidTemplate')] },
    'InvalidTemplate',
    /^Deployment: no\. Correct spec\.template/,
  ],
  [
    'a forbidden child',
    { ...none, problems: [refused('Forbidden')] },
    'Forbidden',
    /Give the operator's account the right/,
  ],
  ['a name that is taken', { ...none, problems: [refused('NameTaken')] }, 'NameTaken', /Delete or rename that object/],
  [
    'the API server, for longer than a moment',
    { ...none, problems: [refused('ApplyFailed', 'ServiceAccount', 'failed calling webhook "a.b": no endpoints')] },
    'ApplyFailed',
    /^ServiceAccount: failed calling webhook "a\.b": no endpoints\. The operator keeps retrying/,
  ],
  [
    'two children',
    { ...none, problems: [refused('Forbidden', 'NetworkPolicy'), refused('NameTaken', 'PodDisruptionBudget')] },
    'Forbidden',
    /^NetworkPolicy: no\. No pod is used before it exists\..*PodDisruptionBudget: no\. Delete or rename/,
  ],
  [
    'a child that something else changes',
    { ...none, problems: [refused('Overwritten', 'Deployment', 'Another client changes spec.replicas')] },
    'Overwritten',
    /changes spec\.replicas\. Find the admission policy/,
  ],
  [
    'a container that the kernel ends, at a limit that is worked out',
    { ...none, troubles: trouble('OOMKilled', 'its container has been started anew 2 times') },
    'OOMKilled',
    /its limit is 1664Mi, derived from spec\.pool\.size.*2 times\. Set spec\.template\.resources\.limits\.memory/,
  ],
  [
    'a container that the kernel ends, at a limit that is given',
    { ...none, runtime: withResources({ limits: { memory: '100Mi' } }), troubles: trouble('OOMKilled') },
    'OOMKilled',
    /its limit is 100Mi, from spec\.template\.resources\.limits\.memory\. Raise spec\.template\.resources/,
  ],
  [
    'a quota that counts processor limits',
    {
      ...none,
      deployment: cannotMake('failed quota: q: must specify limits.cpu for: runtime; requests.cpu for: runtime'),
    },
    'QuotaExceeded',
    /Set limits\.cpu and requests\.cpu in spec\.template\.resources/,
  ],
  [
    'a quota',
    { ...none, deployment: cannotMake('exceeded quota: compute, requested: cpu=1') },
    'QuotaExceeded',
    /exceeded quota: compute.*Raise the ResourceQuota/,
  ],
  [
    'a RuntimeClass',
    { ...none, deployment: cannotMake('pod rejected: RuntimeClass "gvisor" not found') },
    'RuntimeClassNotFound',
    /runtimeClassName/,
  ],
  [
    'a PriorityClass',
    { ...none, deployment: cannotMake('no PriorityClass with name high was found') },
    'PriorityClassNotFound',
    /priorityClassName/,
  ],
  [
    'Pod Security',
    { ...none, deployment: cannotMake('pods "x" is forbidden: violates PodSecurity "restricted:latest"') },
    'PodSecurityRefused',
    /level restricted/,
  ],
  [
    'a LimitRange',
    { ...none, deployment: cannotMake('maximum memory usage per Container is 1Gi') },
    'LimitRangeRefused',
    /within the LimitRange/,
  ],
  [
    'an admission webhook',
    { ...none, deployment: cannotMake('admission webhook "x" denied the request') },
    'PodsRefused',
    /No pod can be created: admission webhook/,
  ],
  [
    'an image that is not there',
    { ...none, troubles: trouble('ErrImagePull', 'manifest unknown') },
    'ImagePullFailed',
    /^ErrImagePull: manifest unknown\. Correct spec\.image/,
  ],
  [
    'an image without a right',
    { ...none, troubles: trouble('ImagePullBackOff') },
    'ImagePullFailed',
    /imagePullSecrets/,
  ],
  ['an image that is none', { ...none, troubles: trouble('InvalidImageName') }, 'ImagePullFailed', /spec\.image/],
  [
    'a crash',
    { ...none, troubles: trouble('CrashLoopBackOff', 'back-off 5m0s') },
    'PodsCrash',
    /back-off 5m0s\. See kubectl logs/,
  ],
  [
    'no node',
    { ...none, troubles: trouble('Unschedulable', '0/3 nodes are available') },
    'Unschedulable',
    /0\/3 nodes.*Add nodes/,
  ],
  [
    'what nobody has foreseen',
    { ...none, troubles: trouble('CreateContainerError') },
    'PodsFail',
    /^CreateContainerError\. See kubectl describe/,
  ],
  ['what every object has for a reason', { ...none, troubles: trouble('constructor') }, 'PodsFail', /kubectl describe/],
];

describe('the conditions of a runtime', () => {
  test.each(SITUATIONS)('where %s', (_, parts, expected) => {
    expect(said(parts)).toEqual(expected);
  });

  test.each(SITUATIONS)('where %s: kstatus reads them', (_, parts, __, expected) => {
    const { metadata, status } = situation(parts).runtime;
    const conditions = runtimeConditions(situation(parts), NOW);
    expect(kstatus({ metadata, status: { ...status, conditions } })).toBe(expected);
  });

  const all: [string, Partial<RuntimeSituation>][] = [...SITUATIONS, ...OBSTACLES].map(([name, parts]) => [
    name,
    parts,
  ]);
  test.each(all)('where there is %s: the API takes them', (_, parts) => {
    const { runtime: object } = situation(parts);
    const conditions = runtimeConditions(situation(parts), NOW);
    const value = { ...object, status: { ...object.status, conditions } } as unknown as JsonValue;
    expect(validateObject('ScriptRuntime', value, { status: true })).toMatchObject({ ok: true });
  });

  test('are one of each, for this generation', () => {
    for (const [, parts] of SITUATIONS) {
      const conditions = runtimeConditions(situation(parts), NOW);
      expect(new Set(conditions.map(({ type }) => type)).size).toBe(conditions.length);
      expect(conditions.map(({ observedGeneration }) => observedGeneration)).toEqual(conditions.map(() => 3));
    }
  });

  test.each<[string, Partial<RuntimeSituation>, Record<string, string>, string, RegExp]>([
    ['every pod has the filter', { containment: [ACTIVE, ACTIVE] }, READY, 'Ready', /./],
    ['no pod has started a sandbox', { containment: [UNKNOWN, UNKNOWN] }, READY, 'Ready', /./],
    [
      'a pod runs without the filter',
      { runtime: withSeccomp('IfAvailable'), containment: [ACTIVE, INACTIVE] },
      { ...READY, SeccompInactive: 'True FilterUnavailable' },
      'SeccompInactive',
      /^The sandboxes of 1 of 2 pods run without a seccomp filter: the kernel refuses seccomp filters\. A V8 exploit .* Allow the system call seccomp to the pods; with spec\.pool\.seccomp: Required no sandbox starts/,
    ],
    [
      'no pod starts a sandbox',
      { ...none, containment: [INACTIVE, INACTIVE] },
      { Ready: 'False SeccompRefused', Stalled: 'True SeccompRefused' },
      'Stalled',
      /^2 of 2 pods start no sandbox without a seccomp filter: the kernel refuses seccomp filters\. Allow the system call seccomp .* run without the filter: spec\.pool\.seccomp: IfAvailable\.$/,
    ],
    [
      'one of two pods starts no sandbox',
      { serving: 1, deployment: deployment(2, { readyReplicas: 1 }), containment: [ACTIVE, INACTIVE] },
      { ...READY, Stalled: 'True SeccompRefused' },
      'Stalled',
      /^1 of 2 pods start no sandbox/,
    ],
  ])('tell whether sandboxes run under the seccomp filter: %s', (_, parts, conditions, type, message) => {
    expect(said(parts)).toEqual(conditions);
    expect(conditionsOf(parts).get(type)?.message).toMatch(message);
  });

  test.each<[string, Partial<RuntimeSituation>, string | undefined, RegExp]>([
    ['with fixed pods', {}, 'AllBusy', /\(spec.pool.size 4, desired pods: 2\)\. Raise spec.replicas/],
    [
      'at most pods',
      { runtime: autoscaled(), replicas: 5 },
      'AllBusyAtMaxReplicas',
      /Raise spec.autoscaling.maxReplicas/,
    ],
    ['while the autoscaler may add some', { runtime: autoscaled(), replicas: 4 }, undefined, /^$/],
  ])('tell that executions wait because every VM is busy, and what to do: %s', (_, parts, reason, message) => {
    const saturated = conditionsOf({ isSaturated: true, ...parts }).get('Saturated');
    expect(saturated?.reason).toBe(reason);
    expect(saturated?.message ?? '').toMatch(message);
    expect(said({ isSaturated: true, ...parts }).Ready).toBe(READY.Ready);
    expect(conditionsOf(parts).get('Saturated')).toBeUndefined();
  });

  test('tell how many pods accept executions', () => {
    expect(conditionsOf({ serving: 1 }).get('Ready')?.message).toBe('2 of 2 pods accept executions.');
    expect(conditionsOf(none).get('Ready')?.message).toBe('0 of 2 pods accept executions.');
    const more = { serving: 4, deployment: deployment(4) };
    expect(conditionsOf(more).get('Ready')?.message).toBe('2 of 2 pods accept executions.');
  });

  test('keep their time while their status stays, and have a new one when it changes', () => {
    const before: Condition[] = ['Ready', 'Reconciling'].map((type) => ({
      type,
      status: 'True',
      reason: 'Before',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00.000000Z',
    }));
    const { Ready, Reconciling } = Object.fromEntries(conditionsOf({ runtime: runtime(before), replicas: 3 }));
    expect([Ready?.lastTransitionTime, Reconciling?.lastTransitionTime]).toEqual(
      Array(2).fill('2026-01-01T00:00:00.000000Z'),
    );
    const failed = conditionsOf({ ...none, runtime: runtime(before) });
    expect(failed.get('Ready')?.lastTransitionTime).toBe('2026-11-22T10:00:00.250000Z');
  });
});

describe('an obstacle', () => {
  const FOR_GOOD = [
    ...['InvalidTemplate', 'Forbidden', 'NameTaken', 'RuntimeClassNotFound', 'PriorityClassNotFound'],
    ...['PodSecurityRefused', 'LimitRangeRefused'],
  ];
  const stalls = (name: string, reason: string): boolean =>
    FOR_GOOD.includes(reason) || name === 'an image that is none';

  test.each(OBSTACLES)('%s has a reason and advice', (name, parts, reason, message) => {
    const conditions = conditionsOf(parts);
    const type = stalls(name, reason) ? 'Stalled' : 'Reconciling';
    expect(said(parts)).toEqual({ Ready: `False ${reason}`, [type]: `True ${reason}` });
    expect(conditions.get(type)?.message).toMatch(message);
  });

  test.each(OBSTACLES)('%s does not make it unready while pods serve', (name, parts, reason) => {
    const type = stalls(name, reason) ? 'Stalled' : 'Reconciling';
    expect(said({ ...parts, serving: 1 })).toEqual({ ...READY, [type]: `True ${reason}` });
  });

  test.each(OBSTACLES)('%s stalls it once the progress deadline is over', (_, parts, reason) => {
    const made = parts.deployment ?? deployment();
    const conditions = [...(made.status?.conditions ?? []), ...TOO_SLOW.conditions];
    const late = { ...made, status: { ...made.status, conditions } } as Deployment;
    expect(said({ ...parts, deployment: late })).toMatchObject({ Stalled: `True ${reason}` });
  });

  test('that stands before another is told first: what is not made can’t crash', () => {
    const troubles = trouble('CrashLoopBackOff');
    expect(said({ ...none, troubles, deployment: cannotMake('exceeded quota') })).toMatchObject({
      Reconciling: 'True QuotaExceeded',
    });
    expect(said({ ...none, troubles, problems: [refused('Forbidden')] })).toMatchObject({ Stalled: 'True Forbidden' });
  });

  test('that holds up a change tells what is, and what is wanted', () => {
    const parts = { replicas: 0, serving: 1, deployment: deployment(1), problems: [refused('Forbidden')] };
    expect(conditionsOf(parts).get('Ready')?.message).toBe(
      '1 pods accept executions; the Deployment has 1 replicas, and 0 are desired.',
    );
  });

  test('of a Deployment that is paused is to come: it is named where all is as it should be', () => {
    expect(conditionsOf({ deployment: pausedAt(2) }).get('Ready')?.message).toMatch(
      /^2 of 2 pods accept executions\. Deployment "copepod-web" is paused/,
    );
  });

  test('that has passed is none', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'False' }];
    expect(said({ deployment: deployment(2, { conditions }) })).toEqual(READY);
  });

  test('is told at once, whatever somebody has put into its name', () => {
    const long = refused('InvalidTemplate', 'Deployment', ' '.repeat(2_000_000));
    const before = performance.now();
    runtimeConditions(situation({ problems: [long] }), NOW);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  test('is told in words that can be stored, and not all of a long story', () => {
    const parts = { ...none, troubles: trouble('ErrImagePull', 'a\ud800b'.repeat(5000)) };
    const message = conditionsOf(parts).get('Ready')?.message;
    expect(message?.length).toBeLessThanOrEqual(2048);
    expect(message).toMatch(/imagePullSecrets\.$/);
    expect(message?.isWellFormed()).toBe(true);
  });
});

describe('values of env that do not exist', () => {
  const secret = (name: string, more: object = {}) => ({
    name,
    valueFrom: { secretKeyRef: { name: 'crm', key: name.toLowerCase(), ...more } },
  });
  const env = [secret('TOKEN'), { ...secret('KEY'), tenants: ['acme'] }, secret('PROXY', { optional: true })];
  const withEnv = { ...runtime(), spec: { ...runtime().spec, env } };
  const digest = referencesDigest(valueReferences({ env })) as string;
  const reports = (...missing: number[][]) => missing.map((each) => ({ digest, missing: each }));

  test.each<[string, number[][], Record<string, string>]>([
    ['none', [[], []], READY],
    ['an optional one', [[2], [2]], READY],
    ['one of a tenant', [[1], [1]], { ...READY, EnvMissing: 'True ValueNotFound' }],
    ['one of all, on one of two pods', [[0], []], { ...READY, EnvMissing: 'True ValueNotFound' }],
    [
      'one of all',
      [[0], [0]],
      { Ready: 'False ValueNotFound', Reconciling: 'True ValueNotFound', EnvMissing: 'True ValueNotFound' },
    ],
    ['no pod has reported', [], READY],
  ])('%s', (_, missing, expected) => {
    expect(said({ runtime: withEnv, values: reports(...missing) })).toEqual(expected);
  });

  test('are named, with what to do', () => {
    const { message } = conditionsOf({ runtime: withEnv, values: reports([0, 1], [0]) }).get('EnvMissing') as Condition;
    expect(message).toBe(
      'env.TOKEN: Secret "crm" with key "token" does not exist; env.KEY: Secret "crm" with key "key" does not exist on 1 of 2 pods. ' +
        'Executions that need it wait. Create it, and the kubelet mounts it within about a minute; or set optional: true.',
    );
  });

  test('of pods that were started with another env say nothing', () => {
    expect(said({ runtime: withEnv, values: [{ digest: 'other', missing: [0] }] })).toEqual(READY);
  });

  test('of egress rules are named too, and keep no execution from starting', () => {
    const secretKeyRef = { name: 'api', key: 'token' };
    const egress = [
      {
        name: 'shop',
        hosts: ['a.example'],
        schemes: ['https' as const],
        headers: [{ name: 'x-key', valueFrom: { secretKeyRef } }],
      },
    ];
    const withEgress = { ...runtime(), spec: { ...runtime().spec, egress } };
    const values = [{ digest: referencesDigest(valueReferences({ egress })) as string, missing: [0] }];
    expect(said({ runtime: withEgress, values })).toEqual({ ...READY, EnvMissing: 'True ValueNotFound' });
    expect(conditionsOf({ runtime: withEgress, values }).get('EnvMissing')?.message).toBe(
      'header x-key of egress rule shop: Secret "api" with key "token" does not exist. ' +
        'Requests of the rule fail. Create it, and the kubelet mounts it within about a minute.',
    );
  });
});

describe('tools that pods cannot load', () => {
  const tools = [
    { name: 'tickets', mcp: { url: 'https://mcp.example.com/mcp' } },
    { name: 'shop', openAPI: { url: 'https://api.example.com/openapi.json' } },
  ];
  const withTools = { ...runtime(), spec: { ...runtime().spec, tools } };
  const away = { name: 'tickets', message: 'the server refuses connections' };
  const none = { name: 'shop', message: 'no egress rule allows api.example.com:443; see spec.egress' };

  test.each<[string, (typeof away)[][], string | undefined]>([
    ['none', [[], []], undefined],
    ['one on all pods', [[away], [away]], 'tickets: the server refuses connections'],
    ['one on one of two pods', [[away], []], 'tickets: the server refuses connections (on 1 of 2 pods)'],
    ['both', [[none, away]], `tickets: ${away.message}; shop: ${none.message}`],
    ['one that the runtime no longer has', [[{ name: 'former', message: 'x' }]], undefined],
  ])('%s', (_, told, said) => {
    const advice = 'Calls of their functions fail, unless they were loaded before. The pods try again every 15 s.';
    const condition = conditionsOf({ runtime: withTools, tools: told }).get('ToolsUnavailable');
    expect(condition?.message).toBe(said === undefined ? undefined : `${said}. ${advice}`);
    expect(conditionsOf({ runtime: withTools, tools: told }).get('Ready')?.status).toBe('True');
  });
});
