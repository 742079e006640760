import type { ScriptRuntime } from '../../api/types.generated.ts';
import { OOM_KILLED, type PodTrouble } from '../../cluster/pods/known-pod.ts';
import { advised } from './advice.ts';
import { CHILD_PROBLEMS, type ChildProblem } from './child-problem.ts';
import { seccompRefused } from './containment.ts';
import { envMissingForAll } from './missing-env.ts';
import { isMoving, isTooSlow } from './rollout.ts';
import { memoryLimitOf } from './runtime-container.ts';
import type { RuntimeSituation } from './situation.ts';

/** A problem that prevents a runtime from having its pods. */
export interface Obstacle {
  readonly reason: string;
  readonly message: string;
  /** Whether it may be transient: a node may be starting, an image is pulled again. */
  readonly mayPass: boolean;
}

type Policy = (situation: RuntimeSituation) => Obstacle | undefined;

const mayPass = ({ reason }: ChildProblem): boolean => CHILD_PROBLEMS[reason].mayPass;

/** The API server rejects an object of the runtime. Problems of other objects are included in the message. */
const refusedChild: Policy = ({ problems }) =>
  problems.every(mayPass) ? undefined : told(problems.toSorted((a, b) => Number(mayPass(a)) - Number(mayPass(b))));

/** Objects of the runtime cannot be written at the moment, or are changed after each write. */
const failingChild: Policy = ({ problems }) => told(problems);

/** The reason of the first problem; the message contains all. */
function told(problems: readonly ChildProblem[]): Obstacle | undefined {
  const [first] = problems;
  if (first === undefined) return undefined;
  const sentences = problems.map(({ kind, reason, message }) => {
    const consequence = kind === 'NetworkPolicy' ? 'No pod is used before it exists. ' : '';
    return advised(`${kind}: ${message}`, `${consequence}${CHILD_PROBLEMS[reason].advice}`);
  });
  return { reason: first.reason, message: sentences.join(' '), mayPass: CHILD_PROBLEMS[first.reason].mayPass };
}

/** The Deployment is paused, so a change is not rolled out. */
const paused: Policy = (situation) => {
  const { deployment } = situation;
  if (!deployment?.spec?.paused || !isMoving(situation)) return undefined;
  const { name } = deployment.metadata;
  const said = `Deployment "${name}" is paused: changes of the runtime are not rolled out`;
  return {
    reason: 'DeploymentPaused',
    message: advised(said, `kubectl rollout resume deployment ${name}`),
    mayPass: false,
  };
};

/** Kubernetes does not allow the Deployment to create pods. */
const refusedPods: Policy = ({ deployment }) => {
  const failure = deployment?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (failure === undefined) return undefined;
  const said = failure.message ?? '';
  const unspecified = unspecifiedIn(said);
  if (unspecified.length > 0) {
    const names = unspecified.join(' and ');
    const advice = `Set ${names} in spec.template.resources, which replaces the defaults, so set the memory too.`;
    return { reason: 'QuotaExceeded', message: advised(`No pod can be created: ${said}`, advice), mayPass: true };
  }
  const known = REFUSALS.find(({ pattern }) => pattern.test(said));
  const unknown = { reason: 'PodsRefused', advice: 'Remove what the message names.', mayPass: true };
  const { reason, advice, mayPass } = known ?? unknown;
  return { reason, message: advised(`No pod can be created: ${said}`, advice), mayPass };
};

/** Resources that a quota requires to be set: `failed quota: q: must specify limits.cpu for: runtime`. */
function unspecifiedIn(said: string): string[] {
  const from = said.indexOf('must specify ');
  return from < 0 ? [] : [...new Set([...said.slice(from).matchAll(MUST_SPECIFY)].map(([, name]) => name as string))];
}
const MUST_SPECIFY = /\b((?:limits|requests)\.[\w./-]{1,100}|cpu|memory) for:/g;

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
    advice: 'Create that RuntimeClass, or correct spec.template.runtimeClassName.',
    mayPass: false,
  },
  {
    pattern: /priorityclass/i,
    reason: 'PriorityClassNotFound',
    advice: 'Create that PriorityClass, or correct spec.template.priorityClassName.',
    mayPass: false,
  },
  {
    pattern: /violates PodSecurity/i,
    reason: 'PodSecurityRefused',
    advice: 'The pods comply with the level restricted: correct the fields of spec.template that the message names.',
    mayPass: false,
  },
  {
    pattern: /limitrange|per container|per pod/i,
    reason: 'LimitRangeRefused',
    advice: 'Set spec.template.resources within the LimitRange of the namespace.',
    mayPass: false,
  },
] as const;

/** Existing pods cannot run. */
const troubledPods: Policy = ({ troubles, runtime }) => {
  const trouble = troubles[0];
  if (trouble === undefined) return undefined;
  if (trouble.reason === OOM_KILLED) return outOfMemory(runtime, trouble);
  const unknown = { reason: 'PodsFail', advice: 'See kubectl describe pods.', mayPass: true };
  const { reason, advice, mayPass } = TROUBLES.get(trouble.reason) ?? unknown;
  const said = trouble.message === '' ? trouble.reason : `${trouble.reason}: ${trouble.message}`;
  return { reason, message: advised(said, advice), mayPass };
};

/** The kernel's OOM killer ended the container: the limit of the container, not of a script. */
function outOfMemory({ spec }: ScriptRuntime, { message }: PodTrouble): Obstacle {
  const given = spec.template?.resources?.limits?.memory;
  const limit =
    given === undefined
      ? `is ${memoryLimitOf(spec)}, derived from spec.pool.size, spec.pool.idleMemory and spec.limits.memory`
      : `is ${given}, from spec.template.resources.limits.memory`;
  const said = `The container ran out of memory (OOMKilled): its limit ${limit}${message === '' ? '' : `; ${message}`}`;
  const advice = `${given === undefined ? 'Set' : 'Raise'} spec.template.resources.limits.memory, or lower spec.pool.size or spec.pool.idleMemory.`;
  return { reason: 'OOMKilled', message: advised(said, advice), mayPass: true };
}

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
      advice: 'See kubectl logs of the pod; spec.image must be based on the image of this version.',
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

/** The pods exist, but their NetworkPolicy does not. */
const unguarded: Policy = ({ hasNetworkPolicy, deployment }) => {
  if (hasNetworkPolicy || !deployment?.status?.readyReplicas) return undefined;
  const message = 'The NetworkPolicy of its pods does not exist: no pod is used before it does.';
  return { reason: 'NetworkPolicyMissing', message, mayPass: true };
};

/** Pods do not become ready, for an unknown reason. */
const tooSlow: Policy = ({ deployment }) =>
  isTooSlow(deployment)
    ? {
        reason: 'ProgressDeadlineExceeded',
        message: advised('Its pods do not become ready', 'See kubectl logs and kubectl describe of the pods.'),
        mayPass: true,
      }
    : undefined;

/** Ordered policies: the first with a result decides. */
const OBSTACLES: readonly Policy[] = [
  refusedChild,
  refusedPods,
  paused,
  troubledPods,
  seccompRefused,
  failingChild,
  envMissingForAll,
  unguarded,
  tooSlow,
];

/** The first obstacle; undefined: none. Pure. */
export function firstObstacle(situation: RuntimeSituation): Obstacle | undefined {
  for (const policy of OBSTACLES) {
    const obstacle = policy(situation);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}
