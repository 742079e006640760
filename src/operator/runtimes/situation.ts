import type { PodContainment, PodToolProblem, PodValues } from '../../api/pod-protocol.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import type { PodTrouble } from '../../cluster/pods/known-pod.ts';
import type { Deployment } from '../../kube/resources.ts';
import type { ChildProblem } from './child-problem.ts';

/** The facts from which a runtime's conditions are built. */
export interface RuntimeSituation {
  readonly runtime: ScriptRuntime;
  /** Desired number of pods. */
  readonly replicas: number;
  /** Pods that report that they accept runs. */
  readonly serving: number;
  /** Executions have waited long because every VM is busy. */
  readonly isSaturated: boolean;
  readonly deployment: Deployment | undefined;
  /** Problems that prevent pods from running. */
  readonly troubles: readonly PodTrouble[];
  /** Containment of sandboxes, as the pods report it. */
  readonly containment: readonly PodContainment[];
  /** The mounted values of Secrets and ConfigMaps, as the pods report them. */
  readonly values: readonly PodValues[];
  /** The tools that each of the pods cannot load, as they report them; empty: it loads all. */
  readonly tools: readonly (readonly PodToolProblem[])[];
  /** Problems with objects of the runtime. */
  readonly problems: readonly ChildProblem[];
  /** The NetworkPolicy of its pods is in place: without it no pod is used. */
  readonly hasNetworkPolicy: boolean;
}
