import { clip } from '../../api/conditions.ts';
import { storableText } from '../../api/text.ts';
import { formatTime } from '../../api/time.ts';
import type { Condition } from '../../api/types.generated.ts';
import { advised } from './advice.ts';
import { firstObstacle } from './obstacles.ts';
import { isMoving, isTooSlow } from './rollout.ts';
import type { RuntimeSituation } from './situation.ts';

/**
 * What a runtime's conditions are made of. What may pass stalls nothing until the Deployment's progress deadline is over: a
 * tool that waits for the runtime shall not give up because a node takes a minute to come. Pure.
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

/** It is being deleted. */
function leaving(): Said[] {
  const message = 'It is being deleted: it takes no more executions, and its pods finish what they run.';
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
  const canRun = hasNetworkPolicy && (serving > 0 || ready > 0);
  const conditions: Said[] = [];
  if (replicas === 0 && !isHeldUp(situation)) {
    const message = 'There shall be no pods: executions wait until there are.';
    conditions.push(['Ready', 'True', { reason: 'ScaledToZero', message }]);
  } else if (canRun) conditions.push(['Ready', 'True', { reason: 'PodsReady', message: count }]);
  else conditions.push(['Ready', 'False', obstacle ?? progress]);
  const isStuck = obstacle !== undefined && (!obstacle.mayPass || isTooSlow(deployment));
  if (isStuck) conditions.push(['Stalled', 'True', obstacle]);
  else if (obstacle || isMoving(situation)) conditions.push(['Reconciling', 'True', obstacle ?? progress]);
  const saturation = saturated(situation);
  if (saturation) conditions.push(['Saturated', 'True', saturation]);
  return conditions;
}

/** The Deployment can't be written, and so has another number of pods than it should have. */
const isHeldUp = ({ replicas, deployment, problems }: RuntimeSituation): boolean =>
  problems.some(({ kind }) => kind === 'Deployment') && (deployment?.spec?.replicas ?? 0) !== replicas;

function countOf(situation: RuntimeSituation): string {
  const { replicas, serving, deployment } = situation;
  const up = Math.max(serving, deployment?.status?.readyReplicas ?? 0);
  if (isHeldUp(situation)) {
    return `${up} pods take executions, and the Deployment asks for ${deployment?.spec?.replicas ?? 0}; ${replicas} are wanted.`;
  }
  // There may be more for now: pods of an older template, and those that finish what they run.
  const count = `${Math.min(up, replicas)} of ${replicas} pods take executions.`;
  if (!deployment?.spec?.paused) return count;
  return `${count} Deployment "${deployment.metadata.name}" is paused: a change of the runtime will not reach its pods.`;
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
