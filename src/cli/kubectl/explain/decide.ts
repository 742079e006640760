import { succeededCondition } from '../../../api/conditions.ts';
import { nearest } from '../../../api/suggest.ts';
import type { Condition, ScriptRuntime } from '../../../api/types.generated.ts';
import { progressOf } from '../../../cluster/executions/progress.ts';
import { count } from '../../output/problems.ts';
import { ageText } from '../age-text.ts';
import { namesHint } from '../find-execution.ts';
import { resumeCommand } from '../resume-command.ts';
import { FAILURES } from './failures.ts';
import type { Explanation, Situation } from './situation.ts';

type Policy = (situation: Situation) => Explanation | undefined;

/** Explains an execution: the first policy with a result. Pure. */
export function explain(situation: Situation): Explanation {
  for (const policy of POLICIES) {
    const explanation = policy(situation);
    if (explanation !== undefined) return explanation;
  }
  return waiting(succeededOf(situation)?.reason ?? 'Pending', succeededOf(situation)?.message ?? 'It waits.');
}

/** An operator takes an execution up within a second, a restarting one within half a minute. */
const UNOBSERVED_MS = 30_000;

/** It is being deleted. */
const beingDeleted: Policy = ({ execution: { metadata } }) =>
  metadata.deletionTimestamp === undefined
    ? undefined
    : waiting('Deleting', 'It is being deleted.', 'What keeps it is in metadata.finalizers.');

/** No operator has seen it as it is now. */
const unobserved: Policy = ({ execution, now }) => {
  if (progressOf(execution).kind !== 'unobserved') return undefined;
  const { metadata, status } = execution;
  const isChanged = (status.observedGeneration ?? -1) >= 0;
  const ageMs = now - Date.parse(metadata.creationTimestamp ?? '');
  if (!isChanged && !(ageMs > UNOBSERVED_MS)) return waiting('Pending', 'It has just been created.');
  const message = isChanged
    ? 'It has been changed, and no operator has taken note of the change.'
    : `It was created ${ageText(ageMs)} ago, and no operator has taken note of it.`;
  const advice = `See whether an operator runs (kubectl get pods -A -l app.kubernetes.io/component=operator) and watches namespace "${metadata.namespace}".`;
  return waiting('Unobserved', message, advice);
};

/** It has succeeded. */
const succeeded: Policy = (situation) => {
  const { status } = situation.execution;
  if (succeededOf(situation)?.status !== 'True') return undefined;
  const wall = status.usage === undefined ? '' : ` in ${status.usage.wallMilliseconds} ms`;
  const pod = status.claim === undefined ? '' : ` on pod ${status.claim.podName}`;
  const { attempts = 1, completionTime, result } = status;
  const tries = attempts > 1 ? `, at attempt ${attempts}` : '';
  const outcome = result === undefined ? ', without a result' : '';
  const message = `It succeeded at ${secondsOf(completionTime)}${wall}${pod}${tries}${outcome}.`;
  return { state: 'succeeded', reason: 'Completed', message };
};

/** It has failed. */
const failed: Policy = (situation) => {
  const condition = succeededOf(situation);
  if (condition?.status !== 'False') return undefined;
  const { status } = situation.execution;
  const { error, attempts = 0 } = status;
  const place =
    error?.line === undefined ? '' : ` (${error.file === undefined ? 'line' : `${error.file}, line`} ${error.line})`;
  const said = firstLine(error?.message ?? condition.message);
  const tries = attempts > 1 ? ` It was tried ${attempts} times.` : '';
  const message = `${FAILURES[condition.reason]?.what ?? 'It failed'}: ${said}${place}${closing(said, place)}${tries}`;
  return { state: 'failed', reason: condition.reason, message, advice: FAILURES[condition.reason]?.advice };
};

/** A pod runs it. */
const running: Policy = (situation) => {
  if (progressOf(situation.execution).kind !== 'running') return undefined;
  const { execution, runtime, pods, now } = situation;
  const { claim, attempts = 1 } = execution.status;
  const sinceMs = now - Date.parse(claim?.claimTime ?? '');
  const timeout = timeoutOf(situation);
  const name = claim?.podName ?? '';
  const pod = pods === 'unknown' ? undefined : pods.find((each) => each.name === name);
  if (pods !== 'unknown' && pod === undefined && runtime !== 'unknown') {
    const message = `Its pod ${name} is gone: the operator finds out what became of it.`;
    return { state: 'running', reason: 'PodGone', message, advice: 'A retry needs spec.backoffLimit.' };
  }
  if (pod?.isEnding) {
    const message = `It runs on pod ${name}, which is ending and lets it finish.`;
    return { state: 'running', reason: 'Running', message };
  }
  const limit = timeout === undefined ? '' : ` of at most ${timeout}`;
  const tries = attempts > 1 ? ` (attempt ${attempts})` : '';
  const message = `It has been running on pod ${name} for ${ageText(sinceMs)}${limit}${tries}.`;
  return { state: 'running', reason: 'Running', message, advice: undefined };
};

/** `spec.suspend` keeps it. */
const suspended: Policy = ({ execution }) => {
  if (progressOf(execution).kind !== 'suspended') return undefined;
  const { name, namespace = '' } = execution.metadata;
  return waiting('Suspended', 'It is suspended: spec.suspend is true.', `Resume it: ${resumeCommand(name, namespace)}`);
};

/** Its runtime does not exist. */
const noRuntime: Policy = ({ execution, runtime, runtimeNames }) => {
  if (runtime !== undefined) return undefined;
  const { name } = execution.spec.runtimeRef;
  const message = `There is no ScriptRuntime "${name}" in namespace "${execution.metadata.namespace}".`;
  const near = nearest(name, runtimeNames);
  const advice =
    runtimeNames.length === 0
      ? 'Create one: this namespace has none.'
      : `Correct spec.runtimeRef.name (${near === undefined ? namesHint(name, runtimeNames) : `did you mean ${near}?`}), or create it.`;
  return waiting('RuntimeNotFound', message, advice);
};

/** A ConfigMap, or a key of one, is missing. */
const noSource: Policy = (situation) => {
  const condition = succeededOf(situation);
  if (condition?.reason !== 'SourceNotFound') return undefined;
  const advice = 'Create what is missing: the execution starts by itself, within seconds.';
  return waiting('SourceNotFound', condition.message, advice);
};

/** The runtime says what keeps it from having pods, or from using them. */
const runtimeStalled: Policy = (situation) => {
  const runtime = waitedForRuntime(situation);
  if (runtime === undefined) return undefined;
  const obstacle = conditionOf(runtime, 'Stalled') ?? notReady(runtime);
  if (obstacle === undefined || obstacle.reason === 'Progressing') return undefined;
  return waiting(obstacle.reason, `${named(runtime)} cannot run it: ${obstacle.message}`, undefined);
};

/** Values that its env needs do not exist. */
const envMissing: Policy = (situation) => {
  const runtime = waitedForRuntime(situation);
  const missing = runtime && conditionOf(runtime, 'EnvMissing');
  if (
    runtime === undefined ||
    missing === undefined ||
    !/\benv\b|Secret|ConfigMap/.test(succeededOf(situation)?.message ?? '')
  )
    return undefined;
  return waiting('EnvMissing', `${named(runtime)} lacks values: ${missing.message}`, undefined);
};

/** The runtime has no pods, by its own will. */
const scaledToZero: Policy = (situation) => {
  const runtime = waitedForRuntime(situation);
  if (runtime === undefined || (runtime.status.replicas ?? 0) > 0) return undefined;
  const { replicas, autoscaling } = runtime.spec;
  const { name, namespace } = runtime.metadata;
  if (autoscaling !== undefined)
    return waiting('ScalingFromZero', `${named(runtime)} had no pods: it is being scaled up.`, undefined);
  if (replicas !== 0 && conditionOf(runtime, 'Ready')?.reason !== 'ScaledToZero') return undefined;
  const advice = `kubectl scale srt ${name} -n ${namespace} --replicas=1`;
  return waiting('ScaledToZero', `${named(runtime)} is scaled to zero.`, advice);
};

/** A quota of the namespace is used up, and pods are missing. */
const quotaUsedUp: Policy = (situation) => {
  const runtime = waitedForRuntime(situation);
  if (runtime === undefined || situation.quotas === 'unknown') return undefined;
  const { pods } = situation;
  if (pods !== 'unknown' && pods.length >= (runtime.status.replicas ?? runtime.spec.replicas ?? 1) && pods.length > 0)
    return undefined;
  const [quota] = situation.quotas;
  if (quota === undefined) return undefined;
  const { name, resource, used, hard } = quota;
  const message = `${named(runtime)} has no ready pod, and ResourceQuota "${name}" is used up: ${resource} ${used} of ${hard}.`;
  return waiting('QuotaExceeded', message, 'Raise the quota, or lower what other pods of the namespace take.');
};

/** A pod of the runtime is in trouble. */
const podTrouble: Policy = (situation) => {
  const runtime = waitedForRuntime(situation);
  if (runtime === undefined || situation.pods === 'unknown') return undefined;
  const pod = situation.pods.find(({ trouble }) => trouble !== undefined);
  if (pod?.trouble === undefined) return undefined;
  const { reason, message } = pod.trouble;
  const said = message === '' ? reason : `${reason}: ${message}`;
  return waiting(
    reason,
    `Pod ${pod.name} of ${named(runtime)} does not run: ${said}.`,
    `kubectl describe pod ${pod.name} -n ${runtime.metadata.namespace}`,
  );
};

/** Pods are starting. */
const podsStarting: Policy = (situation) => {
  const runtime = waitedForRuntime(situation);
  if (runtime === undefined || situation.pods === 'unknown') return undefined;
  const starting = situation.pods.filter(({ isReady, isEnding }) => !isReady && !isEnding);
  if (starting.length === 0) return undefined;
  const names = starting.map(({ name }) => name).join(', ');
  return waiting('PodsStarting', `${named(runtime)} has no pod for it yet: ${names} starting.`, undefined);
};

/** Another attempt is due later, or a claim is retried: the condition says so. */
const retrying: Policy = (situation) => {
  const condition = succeededOf(situation);
  const { attempts = 0 } = situation.execution.status;
  if (condition?.reason !== 'Pending') return undefined;
  if (/next attempt is due/.test(condition.message)) {
    return waiting('BackingOff', condition.message, attempts > 0 ? 'What failed: status.attemptHistory.' : undefined);
  }
  return /claim failed/.test(condition.message) ? waiting('ClaimFailed', condition.message, undefined) : undefined;
};

/** All VMs of the runtime are busy. */
const busy: Policy = (situation) => {
  const { runtime } = situation;
  const condition = succeededOf(situation);
  if (runtime === undefined || runtime === 'unknown' || condition?.reason !== 'Pending') return undefined;
  const { executions = {}, readyReplicas = 0 } = runtime.status;
  if (readyReplicas === 0 && !/free VM/.test(condition.message)) return undefined;
  const { running: busyVms = 0, pending = 0 } = executions;
  const vms = readyReplicas === 0 ? '' : ` of ${readyReplicas * runtime.spec.pool.size}`;
  const message = `${named(runtime)} has no free VM: ${busyVms}${vms} busy, ${count(pending, 'execution')} waiting.`;
  const isGrowing = runtime.spec.autoscaling !== undefined && conditionOf(runtime, 'Saturated') === undefined;
  const advice = isGrowing
    ? 'It is being scaled up where spec.autoscaling.maxReplicas allows it.'
    : 'Raise spec.replicas, spec.autoscaling.maxReplicas or spec.pool.size of the runtime, or the spec.priority of the execution.';
  return waiting('NoFreeVM', message, advice);
};

const POLICIES: readonly Policy[] = [
  beingDeleted,
  unobserved,
  succeeded,
  failed,
  running,
  suspended,
  noRuntime,
  noSource,
  retrying,
  runtimeStalled,
  envMissing,
  scaledToZero,
  quotaUsedUp,
  podTrouble,
  podsStarting,
  busy,
];

const waiting = (reason: string, message: string, advice?: string): Explanation => ({
  state: 'waiting',
  reason,
  message,
  advice,
});

const succeededOf = ({ execution }: Situation): Condition | undefined => succeededCondition(execution.status);

const conditionOf = ({ status }: ScriptRuntime, type: string): Condition | undefined =>
  status.conditions?.find((each) => each.type === type);

const notReady = (runtime: ScriptRuntime): Condition | undefined => {
  const ready = conditionOf(runtime, 'Ready');
  return ready?.status === 'False' ? ready : undefined;
};

/** The runtime, if the execution waits for it to have a pod that can run it. */
const waitedForRuntime = (situation: Situation): ScriptRuntime | undefined => {
  const { runtime } = situation;
  if (runtime === undefined || runtime === 'unknown') return undefined;
  return succeededOf(situation)?.reason === 'RuntimeNotReady' ? runtime : undefined;
};

const named = ({ metadata }: ScriptRuntime): string => `ScriptRuntime "${metadata.name}"`;

function timeoutOf({ execution, runtime }: Situation): string | undefined {
  const own = execution.spec.limits?.timeout;
  if (own !== undefined) return own;
  return runtime === undefined || runtime === 'unknown' ? undefined : runtime.spec.limits.timeout;
}

const secondsOf = (time: string | undefined): string => time?.replace(/\.\d+Z$/, 'Z') ?? 'an unknown time';

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const closing = (said: string, place: string): string => (place === '' && /[.!?]$/.test(said) ? '' : '.');
