import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';

/** What executes scripts for the gateway: pods of a cluster, or an engine in this process. */
export interface Executor {
  /**
   * Executes a script at most once. The status is final; for a script that was not started because its runtime does
   * not admit it, it says so.
   *
   * @param execution validated, with its defaults, uid and generation
   * @param signal the client is gone, or the gateway ends: what runs is cancelled, and the signal's reason thrown
   * @throws Refusal if no script has run: no such runtime or source, no free place in time
   */
  execute(execution: ScriptExecution, signal: AbortSignal): Promise<Executed>;
}

export interface Executed {
  readonly status: ScriptExecutionStatus;
  /** Name of the pod that ran it, if one did. */
  readonly pod?: string;
  /** From the request to its start on a pod, in milliseconds. */
  readonly waitMs: number;
}
