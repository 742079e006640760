import type { SecretAuthentication } from '../../api/endpoints/request-authentication.ts';
import type { Reason } from '../../api/outcome.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import type { WebRequestHead } from '../../api/web-exchange.ts';
import type { OnServedPart } from '../../cluster/pods/serve-reader.ts';

/** What executes scripts for the gateway: pods of a cluster, or an engine in this process. */
export interface Executor {
  /**
   * Executes a script at most once. The status is final; for a script that was not started because its runtime does
   * not admit it, it says so.
   *
   * @param execution validated, with its defaults, uid and generation
   * @param signal the client is gone, or the gateway ends: what runs is cancelled, and the signal's reason thrown
   * @param serve the request that the script's web handler is to answer; `respond` takes the response as it comes
   * @throws Refusal if no script has run: no such runtime or source, no free place in time
   */
  execute(execution: ScriptExecution, signal: AbortSignal, serve?: Serve): Promise<Executed>;
}

/** A request for a script's web handler, and what takes the response. */
export interface Serve {
  readonly request: WebRequestHead & {
    /** Whole; or streamed: it is asked for a piece when the script waits for one. */
    readonly body: Buffer | AsyncIterable<Uint8Array>;
  };
  /** Name of the module that stays evaluated; absent: it has a fresh context. */
  readonly module?: string | undefined;
  /** How it is authenticated where the Secret is; absent: it has been. */
  readonly auth?: SecretAuthentication | undefined;
  /** Takes the parts of the response in order; the script gives no more before a promise that it returns is fulfilled. */
  readonly respond: OnServedPart;
}

export interface Executed {
  /** Reason of the condition Succeeded. */
  readonly reason: Reason;
  /** Made when it is first asked for: of most requests for endpoints nobody asks. */
  readonly status: ScriptExecutionStatus;
  /** Name of the pod that ran it, if one did. */
  readonly pod?: string;
  /** From the request to its start on a pod, in milliseconds. */
  readonly waitMs: number;
}
