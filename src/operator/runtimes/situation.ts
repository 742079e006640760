import type { ScriptRuntime } from '../../api/types.generated.ts';
import type { Deployment } from '../kube/resources.ts';
import type { PodTrouble } from '../pods/known-pod.ts';
import type { ChildProblem } from './child-problem.ts';

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
  /** What keeps objects of the runtime from being what they should be. */
  readonly problems: readonly ChildProblem[];
  /** The NetworkPolicy of its pods is in place: without it none of them is used. */
  readonly hasNetworkPolicy: boolean;
}
