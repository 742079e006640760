import { clip } from '../../api/conditions.ts';
import { storableText } from '../../api/text.ts';
import { formatTime } from '../../api/time.ts';
import type { Condition } from '../../api/types.generated.ts';
import { advised } from './advice.ts';
import { seccompInactive } from './containment.ts';
import { envMissing, envMissingForAll } from './missing-env.ts';
import { firstObstacle } from './obstacles.ts';
import { isMoving, isTooSlow } from './rollout.ts';
import type { RuntimeSituation } from './situation.ts';
import { toolsUnavailable } from './unavailable-tools.ts';

/**
 * Builds a runtime's conditions. A transient obstacle is Stalled only after the Deployment's progress deadline: a tool
 * that waits for the runtime must not fail because a node takes a minute to start. Pure.
 */
export function runtimeConditions(situation: RuntimeSituation, now: Date): Condition[] {
  const { runtime } = situation;
  const conditions = runtime.metadata.deletionTimestamp === undefined ? present(situation) : leaving();
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

type Said = readonly [type: string, status: Condition['status'], why: { reason: string; message: string }];

/** The runtime is being deleted. */
function leaving(): Said[] {
  const message = 'The runtime is being deleted: it accepts no more executions, and its pods finish active runs.';
  const why = { reason: 'Deleting', message };
  return [
    ['Ready', 'False', why],
    ['Reconciling', 'True', why],
  ];
}

function present(situation: RuntimeSituation): Said[] {
  const { replicas, serving, deployment, hasNetworkPolicy } = situation;
  const obstacle = firstObstacle(situation);
  const ready = deployment?.status?.readyReplicas ?? 0;
  const count = countOf(situation);
  const progress = { reason: 'Progressing', message: count };
  const canRun = hasNetworkPolicy && (serving > 0 || ready > 0) && envMissingForAll(situation) === undefined;
  const conditions: Said[] = [];
  if (replicas === 0 && !isHeldUp(situation)) {
    const message = 'Scaled to zero: executions wait until the runtime is scaled up.';
    conditions.push(['Ready', 'True', { reason: 'ScaledToZero', message }]);
  } else if (canRun) conditions.push(['Ready', 'True', { reason: 'PodsReady', message: count }]);
  else conditions.push(['Ready', 'False', obstacle ?? progress]);
  const isStuck = obstacle !== undefined && (!obstacle.mayPass || isTooSlow(deployment));
  if (isStuck) conditions.push(['Stalled', 'True', obstacle]);
  else if (obstacle || isMoving(situation)) conditions.push(['Reconciling', 'True', obstacle ?? progress]);
  const saturation = saturated(situation);
  if (saturation) conditions.push(['Saturated', 'True', saturation]);
  const uncontained = seccompInactive(situation);
  if (uncontained) conditions.push(['SeccompInactive', 'True', uncontained]);
  const missing = envMissing(situation);
  if (missing) conditions.push(['EnvMissing', 'True', missing]);
  const unavailable = toolsUnavailable(situation);
  if (unavailable) conditions.push(['ToolsUnavailable', 'True', unavailable]);
  return conditions;
}

/** The Deployment cannot be written and has another number of replicas than desired. */
const isHeldUp = ({ replicas, deployment, problems }: RuntimeSituation): boolean =>
  problems.some(({ kind }) => kind === 'Deployment') && (deployment?.spec?.replicas ?? 0) !== replicas;

function countOf(situation: RuntimeSituation): string {
  const { replicas, serving, deployment } = situation;
  const up = Math.max(serving, deployment?.status?.readyReplicas ?? 0);
  if (isHeldUp(situation)) {
    return `${up} pods accept executions; the Deployment has ${deployment?.spec?.replicas ?? 0} replicas, and ${replicas} are desired.`;
  }
  // More may serve for now: pods of an older template, and pods that finish active runs.
  const count = `${Math.min(up, replicas)} of ${replicas} pods accept executions.`;
  if (!deployment?.spec?.paused) return count;
  return `${count} Deployment "${deployment.metadata.name}" is paused: changes of the runtime will not be rolled out.`;
}

/** There are too few VMs, and no autoscaler that could add more. */
function saturated({ runtime: { spec }, replicas, isSaturated }: RuntimeSituation) {
  const { autoscaling } = spec;
  if (!isSaturated || (autoscaling !== undefined && replicas < autoscaling.maxReplicas)) return undefined;
  const reason = autoscaling === undefined ? 'AllBusy' : 'AllBusyAtMaxReplicas';
  const advice =
    autoscaling === undefined
      ? 'Raise spec.replicas or spec.pool.size, or let spec.autoscaling set the number of pods.'
      : 'Raise spec.autoscaling.maxReplicas or spec.pool.size.';
  const said = `Executions wait, and every VM is busy (spec.pool.size ${spec.pool.size}, desired pods: ${replicas})`;
  return { reason, message: advised(said, advice) };
}
