import { runRequest } from '../../api/run-request.ts';
import type { OutcomeInput } from '../../api/status.ts';
import type { ExecutionClaim, ScriptExecution } from '../../api/types.generated.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { cancelledOutcome, lostOutcome } from '../../cluster/pods/outcomes.ts';
import type { Sources } from '../../cluster/sources.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import type { Store } from '../../kube/store.ts';
import type { Attempts } from './attempts.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { ExecutionSpans } from './execution-spans.ts';
import { requeueAfter, SOON } from './requeue.ts';
import { isTriedAgain } from './retry.ts';
import { limitsOf, runtimeKeyOf } from './runtime-of.ts';
import type { StatusWriter } from './status-writer.ts';
import { releasedStatus, restartedStatus, retryStatus } from './statuses.ts';
import type { WaitingTimes } from './waiting-times.ts';

export interface ClaimedRunsParts {
  readonly runtimes: Store<KnownRuntime>;
  readonly sources: Sources;
  readonly writer: StatusWriter;
  readonly attempts: Attempts;
  readonly times: WaitingTimes;
  /** Undefined: nothing is traced. */
  readonly spans?: ExecutionSpans | undefined;
  /** Milliseconds since the epoch, by the clock of the times in objects. */
  readonly now: () => number;
  /** An outcome has been recorded. */
  readonly onFinished: (execution: ScriptExecution) => void;
}

/** The maximum time-out of the API. */
const MAX_TIMEOUT_MS = 3_600_000;

/** Handles a claimed execution until its outcome is recorded. */
export class ClaimedRuns {
  readonly #parts: ClaimedRunsParts;
  /** For objects being deleted: the runs that were cancelled. */
  readonly #abandoned = new Map<string, string>();

  constructor(parts: ClaimedRunsParts) {
    this.#parts = parts;
  }

  /** Records the result of the attempt, if known; adopts a run claimed by a former leader. */
  async record(key: string, execution: ExecutionProjection, claim: ExecutionClaim): Promise<ReconcileResult> {
    const attempt = this.#parts.attempts.get(key);
    if (attempt === undefined) return await this.#adopt(key, execution, claim, { isStopped: false });
    const { verdict } = attempt;
    if (verdict === undefined) return undefined;
    switch (verdict.kind) {
      case 'finished':
        return await this.#end(key, execution, verdict.outcome);
      case 'lost':
        return await this.#end(key, execution, lostOutcome(execution, verdict.message, this.#now()));
      case 'refused':
        return await this.#release(key, execution, verdict.message);
      case 'recorded':
        return await this.#readRecord(key, execution);
    }
  }

  /**
   * Stops a run that is cancelled, replaced or deleted. Returns whether nothing is left to do: an object that is being
   * deleted is not written, and its outcome is abandoned.
   */
  stop(key: string, execution: ExecutionProjection, claim: ExecutionClaim): boolean {
    const { attempts, runtimes } = this.#parts;
    if (execution.metadata.deletionTimestamp === undefined) {
      attempts.get(key)?.cancel();
      return false;
    }
    const run = `${execution.metadata.uid}.${execution.status.run}.${claim.attempt}`;
    if (this.#abandoned.get(key) === run) return true;
    this.#abandoned.set(key, run);
    if (attempts.get(key) === undefined) {
      const timeoutMs = limitsOf(execution, runtimes.get(runtimeKeyOf(execution)))?.timeoutMs ?? MAX_TIMEOUT_MS;
      attempts.start(key, execution, { claim, body: undefined, timeoutMs, byUsAlone: false });
    }
    attempts.abandon(key);
    return true;
  }

  /** The execution is deleted. */
  forget(key: string): void {
    this.#abandoned.delete(key);
  }

  /** Records the outcome of a stopped run. */
  async recordStopped(key: string, execution: ExecutionProjection, claim: ExecutionClaim): Promise<ReconcileResult> {
    const attempt = this.#parts.attempts.get(key);
    if (attempt === undefined) {
      const adopted = await this.#adopt(key, execution, claim, { isStopped: true });
      this.#parts.attempts.get(key)?.cancel();
      return adopted;
    }
    const { verdict } = attempt;
    if (verdict === undefined) return undefined;
    if (execution.status.runDigest !== execution.digest && !execution.spec.cancel) {
      // The run is obsolete: its outcome is not recorded.
      const { writer, attempts, spans } = this.#parts;
      const written = await writer.write(execution, restartedStatus(execution, this.#now()));
      if (written.kind !== 'written') return requeueAfter(written);
      attempts.drop(key);
      spans?.attempted(execution, attempt, {
        error: verdict.kind === 'finished' ? undefined : verdict.kind,
        spans: verdict.kind === 'finished' ? verdict.outcome.spans : undefined,
      });
      spans?.ended(execution, undefined, this.#parts.now());
      return requeueAfter(written);
    }
    if (verdict.kind === 'recorded') return await this.#readRecord(key, execution);
    const outcome = verdict.kind === 'finished' ? verdict.outcome : cancelledOutcome(this.#now());
    return await this.#end(key, execution, outcome);
  }

  /**
   * An earlier leader has claimed it: its pod is asked, and what the pod has is joined. What is to be stopped is not sent at
   * all: it may never have arrived, and what would be sent may be another script by now.
   */
  async #adopt(
    key: string,
    execution: ExecutionProjection,
    claim: ExecutionClaim,
    { isStopped }: { isStopped: boolean },
  ): Promise<ReconcileResult> {
    const { sources, runtimes, writer, attempts, spans } = this.#parts;
    const whole = await writer.whole(execution);
    if (whole === undefined) return SOON;
    const runtime = runtimes.get(runtimeKeyOf(execution));
    const files = isStopped ? undefined : await sources.read(execution, runtime);
    const isSame = files !== undefined && files.digest === execution.status.sourceDigest;
    const limits = limitsOf(execution, runtime);
    const canSend = isSame && limits !== undefined && execution.tooDeep === undefined;
    const traceparent = spans?.traceparent(execution, claim.attempt);
    attempts.start(key, whole, {
      claim,
      body: canSend
        ? JSON.stringify(runRequest(whole, whole.spec, { files, limits, env: runtime?.spec.env, traceparent }))
        : undefined,
      timeoutMs: limits?.timeoutMs ?? MAX_TIMEOUT_MS,
      byUsAlone: false,
    });
    return undefined;
  }

  /** Records the outcome, or a retry; then the pod may drop it. */
  async #end(key: string, execution: ExecutionProjection, outcome: OutcomeInput): Promise<ReconcileResult> {
    const { writer, attempts, times, onFinished, spans } = this.#parts;
    const attempt = attempts.get(key);
    const ended = { error: outcome.error && '', spans: outcome.spans };
    if (isTriedAgain(execution, outcome)) {
      const written = await writer.write(execution, retryStatus(execution, outcome, this.#now()));
      if (written.kind !== 'written') return requeueAfter(written);
      attempts.drop(key);
      times.forgetRefusals(key);
      if (attempt !== undefined) spans?.attempted(execution, attempt, ended);
      return requeueAfter(written);
    }
    const object = await writer.writeOutcome(execution, outcome);
    if (object === undefined) return SOON;
    if (attempt !== undefined) spans?.attempted(execution, attempt, ended);
    spans?.ended(execution, object, this.#parts.now());
    attempts.drop(key);
    times.forgetRefusals(key);
    onFinished(object);
    return undefined;
  }

  /** The pod has not started it: releases the claim and backs off. */
  async #release(key: string, execution: ExecutionProjection, why: string): Promise<ReconcileResult> {
    const { writer, attempts, times, spans } = this.#parts;
    const now = this.#now();
    const attempt = attempts.get(key);
    times.refused(key, now.getTime());
    const written = await writer.write(execution, releasedStatus(execution, why, now));
    if (written.kind !== 'written') return requeueAfter(written);
    attempts.forget(key);
    if (attempt !== undefined) spans?.attempted(execution, attempt, { error: why });
    return requeueAfter(written);
  }

  /** The pod reports the outcome as recorded: it must be in the stored object. */
  async #readRecord(key: string, execution: ExecutionProjection): Promise<ReconcileResult> {
    const whole = await this.#parts.writer.whole(execution);
    if (whole === undefined) return SOON;
    const message = 'The pod reports the outcome as recorded, but it is not: the result of the script is unknown.';
    return await this.#end(key, execution, lostOutcome(execution, message, this.#now()));
  }

  #now(): Date {
    return new Date(this.#parts.now());
  }
}
