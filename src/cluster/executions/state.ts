import { readyCondition } from '../../api/conditions.ts';
import type { ScriptExecution, ScriptRuntime } from '../../api/types.generated.ts';
import { progressOf } from './progress.ts';

/** What lists show of an execution's state. */
export interface ExecutionState {
  readonly state: 'running' | 'waiting' | 'suspended' | 'succeeded' | 'failed';
  readonly reason: string;
  /** When it was claimed, has begun to wait, or ended; RFC 3339. */
  readonly since: string;
}

/** The state of an execution according to its object. Pure. */
export function executionState(execution: ScriptExecution): ExecutionState {
  const { metadata, status } = execution;
  const progress = progressOf(execution);
  const { claim, completionTime } = status;
  const { creationTimestamp = '' } = metadata;
  switch (progress.kind) {
    case 'unobserved':
      return { state: 'waiting', reason: 'Pending', since: creationTimestamp };
    case 'finished': {
      const state = progress.succeeded ? 'succeeded' : 'failed';
      return { state, reason: progress.condition.reason, since: completionTime ?? creationTimestamp };
    }
    case 'running':
      return { state: 'running', reason: 'Running', since: claim?.claimTime ?? creationTimestamp };
    default: {
      const ready = readyCondition(status);
      const state = progress.kind === 'suspended' ? 'suspended' : 'waiting';
      return { state, reason: progress.condition.reason, since: ready?.lastTransitionTime ?? creationTimestamp };
    }
  }
}

/** Number of pods that a runtime is to have: as its spec says, or those that there are where an autoscaler has added some. Pure. */
export function wantedPods({ spec, status }: Pick<ScriptRuntime, 'spec' | 'status'>): number {
  return Math.max(spec.autoscaling?.minReplicas ?? spec.replicas, status.replicas ?? 0);
}

/** Reason and message of what is wrong with a runtime, else the reason of its condition Ready. Pure. */
export function runtimeState({ status }: Pick<ScriptRuntime, 'status'>): {
  readonly state: string;
  readonly isWell: boolean;
  /** What is wrong, and what to do. */
  readonly message?: string;
} {
  const conditions = status.conditions ?? [];
  const trouble = conditions.find(
    ({ type, status: holds }) =>
      (holds === 'True' &&
        (type === 'Stalled' || type === 'Saturated' || type === 'EnvMissing' || type === 'ToolsUnavailable')) ||
      (holds === 'False' && type === 'Ready'),
  );
  const ready = readyCondition(status);
  return {
    state: trouble?.reason ?? (ready === undefined ? 'Unknown' : ready.reason),
    isWell: trouble === undefined && ready !== undefined,
    ...(trouble === undefined ? {} : { message: trouble.message }),
  };
}
