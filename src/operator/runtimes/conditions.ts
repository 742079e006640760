import { clip } from '../../api/conditions.ts';
import { storableText } from '../../api/text.ts';
import { formatTime } from '../../api/time.ts';
import type { Condition, ScriptRuntime } from '../../api/types.generated.ts';
import type { Deployment } from '../kube/resources.ts';
import type { PodTrouble } from '../pods/known-pod.ts';

/** What is known of a runtime when its conditions are set. */
export interface RuntimeSituation {
  readonly runtime: ScriptRuntime;
  /** Pods that there should be. */
  readonly replicas: number;
  /** Pods that take runs now, as they say themselves. */
  readonly serving: number;
  /** Executions have waited for long, because every VM is busy. */
  readonly isSaturated: boolean;
  readonly deployment: Deployment | undefined;
  /** What keeps pods from running. */
  readonly troubles: readonly PodTrouble[];
  /** The API server does not take an object of the runtime's, and why. */
  readonly refusal: ChildRefusal | undefined;
}

export interface ChildRefusal {
  readonly kind: string;
  readonly message: string;
  /** Not for what is in it, but because we may not, or because it is somebody else's. */
  readonly reason: 'InvalidTemplate' | 'Forbidden' | 'NameTaken';
}

/** Something that keeps a runtime from its pods. */
interface Obstacle {
  readonly reason: string;
  readonly message: string;
  /** Whether it may pass by itself: a node may be on its way, an image is pulled again. */
  readonly mayPass: boolean;
}

type Policy = (situation: RuntimeSituation) => Obstacle | undefined;

/** An object of the runtime's is not taken by the API server. */
const refusedChild: Policy = ({ refusal }) => {
  if (refusal === undefined) return undefined;
  const advice = {
    InvalidTemplate: 'Correct spec.template or spec.image.',
    Forbidden: "Give the operator's account the right, or remove what forbids it.",
    NameTaken: 'Delete or rename that object, or give the runtime another name.',
  }[refusal.reason];
  return { reason: refusal.reason, message: advised(`${refusal.kind}: ${refusal.message}`, advice), mayPass: false };
};

/** Kubernetes does not let the Deployment make pods. */
const refusedPods: Policy = ({ deployment }) => {
  const failure = deployment?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (failure === undefined) return undefined;
  const said = failure.message ?? '';
  const known = REFUSALS.find(({ pattern }) => pattern.test(said));
  const unknown = { reason: 'PodsRefused', advice: 'Remove what the message names.', mayPass: true };
  const { reason, advice, mayPass } = known ?? unknown;
  return { reason, message: advised(`No pod can be made: ${said}`, advice), mayPass };
};

const REFUSALS = [
  {
    pattern: /exceeded quota|failed quota/i,
    reason: 'QuotaExceeded',
    advice:
      'Raise the ResourceQuota, or lower spec.replicas, spec.pool.size, spec.limits.memory or spec.template.resources.',
    mayPass: true,
  },
  {
    pattern: /runtimeclass/i,
    reason: 'RuntimeClassNotFound',
    advice: 'Make that RuntimeClass, or correct spec.template.runtimeClassName.',
    mayPass: false,
  },
  {
    pattern: /priorityclass/i,
    reason: 'PriorityClassNotFound',
    advice: 'Make that PriorityClass, or correct spec.template.priorityClassName.',
    mayPass: false,
  },
  {
    pattern: /violates PodSecurity/i,
    reason: 'PodSecurityRefused',
    advice: 'The pods are made for the level restricted: what the message names comes from spec.template.',
    mayPass: false,
  },
  {
    pattern: /limitrange|per container|per pod/i,
    reason: 'LimitRangeRefused',
    advice: 'Set spec.template.resources within the LimitRange of the namespace.',
    mayPass: false,
  },
] as const;

/** Pods that are there cannot run. */
const troubledPods: Policy = ({ troubles }) => {
  const trouble = troubles[0];
  if (trouble === undefined) return undefined;
  const unknown = { reason: 'PodsFail', advice: 'kubectl describe pods tells more.', mayPass: true };
  const { reason, advice, mayPass } = TROUBLES.get(trouble.reason) ?? unknown;
  const said = trouble.message === '' ? trouble.reason : `${trouble.reason}: ${trouble.message}`;
  return { reason, message: advised(said, advice), mayPass };
};

const PULL = {
  reason: 'ImagePullFailed',
  advice: 'Correct spec.image, or name a Secret in spec.template.imagePullSecrets.',
};
const TROUBLES = new Map([
  ['ErrImagePull', { ...PULL, mayPass: true }],
  ['ImagePullBackOff', { ...PULL, mayPass: true }],
  ['InvalidImageName', { ...PULL, mayPass: false }],
  ['ErrImageNeverPull', { ...PULL, mayPass: false }],
  [
    'CrashLoopBackOff',
    {
      reason: 'PodsCrash',
      advice: 'kubectl logs of the pod tells why; spec.image must be built on the image of this version.',
      mayPass: true,
    },
  ],
  [
    'Unschedulable',
    {
      reason: 'Unschedulable',
      advice: 'Add nodes, or change spec.template (resources, nodeSelector, tolerations, affinity).',
      mayPass: true,
    },
  ],
]);

/** Pods do not become ready, and nobody says why. */
const tooSlow: Policy = ({ deployment }) =>
  isTooSlow(deployment)
    ? {
        reason: 'ProgressDeadlineExceeded',
        message: advised('Its pods do not become ready', 'kubectl logs and kubectl describe of the pods tell more.'),
        mayPass: true,
      }
    : undefined;

/** The first that has an opinion has it. */
const OBSTACLES: readonly Policy[] = [refusedChild, refusedPods, troubledPods, tooSlow];

/**
 * What a runtime's conditions are made of. What may pass stalls nothing until the Deployment's progress deadline is over: a
 * tool that waits for the runtime shall not give up because a node takes a minute to come. Pure.
 */
export function runtimeConditions(situation: RuntimeSituation, now: Date): Condition[] {
  const { runtime, replicas, serving, deployment } = situation;
  const obstacle = firstObstacle(situation);
  const ready = deployment?.status?.readyReplicas ?? 0;
  // There may be more for now: pods of an older template, and those that finish what they run.
  const count = `${Math.min(Math.max(serving, ready), replicas)} of ${replicas} pods take executions.`;
  const progress = { reason: 'Progressing', message: count };
  const canRun = serving > 0 || ready > 0;
  const conditions: [string, Condition['status'], { reason: string; message: string }][] = [];
  if (replicas === 0) {
    const message = 'There shall be no pods: executions wait until there are.';
    conditions.push(['Ready', 'True', { reason: 'ScaledToZero', message }]);
  } else if (canRun) conditions.push(['Ready', 'True', { reason: 'PodsReady', message: count }]);
  else conditions.push(['Ready', 'False', obstacle ?? progress]);
  const isStuck = obstacle !== undefined && (!obstacle.mayPass || isTooSlow(deployment));
  if (isStuck) conditions.push(['Stalled', 'True', obstacle]);
  else if (obstacle || isMoving(situation)) conditions.push(['Reconciling', 'True', obstacle ?? progress]);
  const saturation = saturated(situation);
  if (saturation) conditions.push(['Saturated', 'True', saturation]);
  const { generation = 1 } = runtime.metadata;
  return conditions.map(([type, status, { reason, message }]) => {
    const before = runtime.status.conditions?.find((each) => each.type === type);
    return {
      type,
      status,
      observedGeneration: generation,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : formatTime(now),
      reason,
      message: clip(storableText(message), 2048),
    };
  });
}

/** It has too few VMs, and somebody has to say whether it shall have more: while the autoscaler may add some, it does. */
function saturated({ runtime: { spec }, replicas, isSaturated }: RuntimeSituation) {
  const { autoscaling } = spec;
  if (!isSaturated || (autoscaling !== undefined && replicas < autoscaling.maxReplicas)) return undefined;
  const reason = autoscaling === undefined ? 'AllBusy' : 'AllBusyAtMaxReplicas';
  const advice =
    autoscaling === undefined
      ? 'Raise spec.replicas or spec.pool.size, or let spec.autoscaling set the number of pods.'
      : 'Raise spec.autoscaling.maxReplicas or spec.pool.size.';
  const said = `Executions wait, and every VM is busy (spec.pool.size ${spec.pool.size}, pods wanted: ${replicas})`;
  return { reason, message: advised(said, advice) };
}

function firstObstacle(situation: RuntimeSituation): Obstacle | undefined {
  for (const policy of OBSTACLES) {
    const obstacle = policy(situation);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

/** The Deployment has waited for its pods for as long as it may (`progressDeadlineSeconds`). */
function isTooSlow(deployment: Deployment | undefined): boolean {
  const progressing = deployment?.status?.conditions?.find(({ type }) => type === 'Progressing');
  return progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded';
}

/**
 * The Deployment is not yet what it should be. Where the autoscaler sets the number of pods, a step of it is no news: only
 * pods of an older template are.
 */
function isMoving({ runtime, replicas, deployment }: RuntimeSituation): boolean {
  if (deployment === undefined) return true;
  const { metadata, spec, status = {} } = deployment;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return true;
  if (runtime.spec.autoscaling !== undefined) return (status.updatedReplicas ?? 0) < (status.replicas ?? 0);
  return (
    spec?.replicas !== replicas ||
    (status.updatedReplicas ?? 0) !== replicas ||
    (status.replicas ?? 0) !== replicas ||
    (status.readyReplicas ?? 0) !== replicas
  );
}

/** Of what somebody else says: the beginning tells enough. */
const MAX_SAID = 1500;

/** What was said, as a sentence, and then what to do. */
function advised(said: string, advice: string): string {
  const text = said.slice(0, MAX_SAID).trimEnd();
  return `${text}${text.endsWith('.') ? '' : '.'} ${advice}`;
}
