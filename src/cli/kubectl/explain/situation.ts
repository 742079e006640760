import type { ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import type { PodTrouble } from '../../../cluster/pods/known-pod.ts';

/** What is known of a pod of the runtime. */
export interface PodView {
  readonly name: string;
  readonly isReady: boolean;
  readonly isEnding: boolean;
  readonly trouble: PodTrouble | undefined;
}

/** A ResourceQuota of which something is used up. */
export interface UsedUpQuota {
  readonly name: string;
  /** `pods`, `limits.memory`. */
  readonly resource: string;
  readonly used: string;
  readonly hard: string;
}

/** What an execution is explained by. What the user may not read is 'unknown'. */
export interface Situation {
  readonly execution: ScriptExecution;
  /** Undefined: there is none of that name. */
  readonly runtime: ScriptRuntime | 'unknown' | undefined;
  /** Names of the runtimes of the namespace; read where the runtime does not exist. */
  readonly runtimeNames: readonly string[];
  readonly pods: readonly PodView[] | 'unknown';
  readonly quotas: readonly UsedUpQuota[] | 'unknown';
  /** By the API server's clock, in milliseconds since the epoch. */
  readonly now: number;
}

/** Why an execution waits, or how it runs or ended. */
export interface Explanation {
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed';
  /** Reason in CamelCase: that of the condition Succeeded, or a nearer cause. */
  readonly reason: string;
  /** One sentence. */
  readonly message: string;
  /** What to do about it; undefined where nothing is to be done. */
  readonly advice?: string | undefined;
}
