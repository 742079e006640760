import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../src/api/defaults.ts';
import type { JsonValue } from '../../src/api/json.ts';
import type { ScriptRuntime } from '../../src/api/types.generated.ts';
import { validateObject } from '../../src/api/validate.ts';
import type { Deployment } from '../../src/kube/resources.ts';
import { runtimeConditions } from '../../src/operator/runtimes/conditions.ts';
import type { RuntimeSituation } from '../../src/operator/runtimes/situation.ts';
import { describeStates, SAYS, type State } from './support/states.ts';

const NOW = new Date('2026-11-22T10:00:00.250Z');

interface Pods {
  /** Desired replicas of the Deployment. */
  readonly wanted: number;
  /** Existing pods, those of the newest template, and those the kubelet reports as ready. */
  readonly total?: number;
  readonly updated?: number;
  readonly ready?: number;
  /** Why Kubernetes creates no pods. */
  readonly refused?: string;
  /** The Deployment controller has not observed the newest template. */
  readonly isNews?: boolean;
}

function deployment({ wanted, total = wanted, updated = total, ready = updated, refused, isNews }: Pods): Deployment {
  return {
    metadata: { name: 'copepod-default', generation: 2 },
    spec: { replicas: wanted },
    status: {
      observedGeneration: isNews ? 1 : 2,
      replicas: total,
      updatedReplicas: updated,
      readyReplicas: ready,
      ...(refused === undefined
        ? {}
        : { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: refused }] }),
    },
  } as unknown as Deployment;
}

const made: ScriptRuntime = {
  ...defaultRuntime('default', 'acme'),
  metadata: { name: 'default', namespace: 'acme', uid: 'uid-1', generation: 1, resourceVersion: '1' },
};

/** The runtime after a reconcile in this situation; two pods by default. */
function looked(situation: Partial<RuntimeSituation>, before = made): ScriptRuntime {
  const whole: RuntimeSituation = {
    runtime: before,
    replicas: 2,
    serving: 0,
    isSaturated: false,
    deployment: undefined,
    troubles: [],
    containment: [],
    values: [],
    tools: [],
    problems: [],
    hasNetworkPolicy: true,
  };
  const conditions = runtimeConditions({ ...whole, ...situation }, NOW);
  const object = { ...before, status: { observedGeneration: before.metadata.generation ?? 1, conditions } };
  const validated = validateObject('ScriptRuntime', structuredClone(object) as unknown as JsonValue, { status: true });
  if (!validated.ok) throw new Error(JSON.stringify(validated.errors));
  return validated.object;
}

const starting = deployment({ wanted: 2, ready: 0 });
/** A new template whose first pod does not start, beside two earlier pods. */
const stuck = deployment({ wanted: 2, total: 3, updated: 1, ready: 2 });
const settled = deployment({ wanted: 2 });
const nothing = deployment({ wanted: 0 });

const REFUSED_PODS: Readonly<Record<string, string>> = {
  QuotaExceeded: 'pods "x" is forbidden: exceeded quota: small, requested: memory=1Gi',
  RuntimeClassNotFound: 'pod rejected: RuntimeClass "gvisor" not found',
  PriorityClassNotFound: 'no PriorityClass with name high was found',
  PodSecurityRefused: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"',
  LimitRangeRefused: 'maximum memory usage per Container is 64Mi',
  PodsRefused: 'admission webhook "policy" denied the request',
};
const TROUBLES: Readonly<Record<string, readonly string[]>> = {
  ImagePullFailed: ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'],
  PodsCrash: ['CrashLoopBackOff'],
  Unschedulable: ['Unschedulable'],
  PodsFail: ['CreateContainerConfigError'],
};

/** Permanent obstacles: they stall at once. */
const FOR_GOOD =
  /^(InvalidTemplate|Forbidden|NameTaken|\w+ClassNotFound|PodSecurity|LimitRange)|InvalidImageName|NeverPull/;

const OBSTACLES: readonly [string, Partial<RuntimeSituation>][] = [
  ...(['InvalidTemplate', 'Forbidden', 'NameTaken'] as const).map((reason): (typeof OBSTACLES)[number] => [
    reason,
    { problems: [{ kind: 'Deployment', message: 'no.', reason }] },
  ]),
  ...Object.entries(REFUSED_PODS).map(([reason, refused]): (typeof OBSTACLES)[number] => [
    reason,
    { deployment: deployment({ wanted: 2, total: 1, updated: 0, ready: 0, refused }) },
  ]),
  ...Object.entries(TROUBLES).flatMap(([reason, words]) =>
    words.map((word): (typeof OBSTACLES)[number] => [
      `${reason} (${word})`,
      { deployment: stuck, troubles: [{ reason: word, message: 'so it is' }] },
    ]),
  ),
];

/** The same situation after the progress deadline. */
function late(situation: Partial<RuntimeSituation>): Partial<RuntimeSituation> {
  const before = situation.deployment ?? starting;
  const tooSlow = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  const conditions = [...(before.status?.conditions ?? []), tooSlow];
  return { ...situation, deployment: { ...before, status: { ...before.status, conditions } } as Deployment };
}

const { DONE, MOVES, FAILED } = SAYS;
const inTrouble = looked({ deployment: stuck, troubles: [{ reason: 'ErrImagePull', message: '' }] });

const STATES: readonly State[] = [
  ['just made', made, MOVES],
  ['its Deployment does not exist yet', looked({}), MOVES],
  ['its pods are starting', looked({ deployment: starting }), MOVES],
  ['one of two serves', looked({ deployment: starting, serving: 1 }), MOVES],
  ['both serve, and the kubelet has not noticed', looked({ deployment: starting, serving: 2 }), MOVES],
  ['all serve', looked({ deployment: settled, serving: 2 }), DONE],
  ['its template was changed', looked({ deployment: deployment({ wanted: 2, isNews: true }), serving: 2 }), MOVES],
  ['rolls out', looked({ deployment: stuck, serving: 2 }), MOVES],
  ['one of two pods is gone', looked({ deployment: deployment({ wanted: 2, total: 1 }), serving: 1 }), MOVES],
  ['serves again after trouble', looked({ deployment: settled, serving: 2 }, inTrouble), DONE],

  ['is scaled up', looked({ replicas: 3, deployment: settled, serving: 2 }), MOVES],
  ['is scaled down', looked({ replicas: 1, deployment: settled, serving: 2 }), MOVES],
  ['goes to zero', looked({ replicas: 0, deployment: deployment({ wanted: 0, total: 1 }), serving: 1 }), MOVES],
  ['scaled to zero', looked({ replicas: 0, deployment: nothing }), DONE],
  ['comes from zero', looked({ replicas: 1, deployment: nothing }), MOVES],

  ...OBSTACLES.flatMap(([reason, situation]): State[] => {
    const says = FOR_GOOD.test(reason) ? FAILED : MOVES;
    return [
      [`${reason}, and nothing serves`, looked(situation), says],
      [`${reason}, and pods of before serve`, looked({ ...situation, serving: 2 }), says],
      [`${reason}, and there shall be no pods`, looked({ ...situation, replicas: 0 }), says],
      [`${reason}, for longer than the progress deadline`, looked(late(situation)), FAILED],
    ];
  }),
  ['its pods do not become ready in time', looked(late({ deployment: starting })), FAILED],
];

describe('a ScriptRuntime', () => {
  describeStates(STATES);

  test('is here in every state that there is a reason for', () => {
    const reasons = STATES.flatMap(([, { status }]) => status.conditions?.map(({ reason }) => reason) ?? []);
    expect([...new Set(reasons)].sort()).toEqual(
      [
        ...['Progressing', 'PodsReady', 'ScaledToZero', 'ProgressDeadlineExceeded'],
        ...['InvalidTemplate', 'Forbidden', 'NameTaken'],
        ...Object.keys(REFUSED_PODS),
        ...Object.keys(TROUBLES),
      ].sort(),
    );
  });
});
