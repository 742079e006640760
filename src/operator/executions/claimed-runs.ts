import type { OutcomeInput } from '../../api/status.ts';
import type { ExecutionClaim, ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import type { ReconcileResult } from '../kube/controller.ts';
import type { Store } from '../kube/store.ts';
import type { KnownRuntime } from '../runtimes/known-runtime.ts';
import type { Attempts } from './attempts.ts';
import type { KnownExecution } from './known-execution.ts';
import { AGAIN, lookAgainAfter, SOON } from './look-again.ts';
import { cancelledOutcome, lostOutcome } from './outcomes.ts';
import type { Places } from './places.ts';
import type { Refusals } from './refusals.ts';
import { isTriedAgain } from './retry.ts';
import { limitsOf, runRequest, runtimeKeyOf } from './run-request.ts';
import type { Sources } from './sources.ts';
import type { StatusWriter } from './status-writer.ts';
import { releasedStatus, restartedStatus, retryStatus } from './statuses.ts';

export interface ClaimedRunsParts {
  readonly runtimes: Store<KnownRuntime>;
  readonly sources: Sources;
  readonly places: Places;
  readonly writer: StatusWriter;
  readonly attempts: Attempts;
  readonly refusals: Refusals;
  /** Milliseconds since the epoch, by the clock that the times in objects go by. */
  readonly now: () => number;
  /** Its end is recorded. */
  readonly onEnded: (execution: ScriptExecution) => void;
}

/** The longest that the API lets a script take. */
const MAX_TIMEOUT_MS = 3_600_000;

/** What is done with an execution that a pod has, until its end is recorded. */
export class ClaimedRuns {
  readonly #parts: ClaimedRunsParts;

  constructor(parts: ClaimedRunsParts) {
    this.#parts = parts;
  }

  /** Waits for its end, and records it. */
  async follow(key: string, execution: KnownExecution, claim: ExecutionClaim): Promise<ReconcileResult> {
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

  /** Ends it: because it is cancelled, deleted, or no longer what is wanted. */
  async stop(key: string, execution: KnownExecution, claim: ExecutionClaim): Promise<ReconcileResult> {
    const { attempts, places } = this.#parts;
    if (execution.metadata.deletionTimestamp !== undefined) {
      // Nothing is written to an object that goes, and nobody is there to be told; what an earlier leader started ends too.
      if (attempts.get(key) === undefined) {
        const adopted = await this.#adopt(key, execution, claim, { isStopped: true });
        if (adopted !== undefined) return adopted;
      }
      attempts.abandon(key);
      places.leave(key);
      return undefined;
    }
    const attempt = attempts.get(key);
    if (attempt === undefined) {
      const adopted = await this.#adopt(key, execution, claim, { isStopped: true });
      attempts.get(key)?.cancel();
      return adopted;
    }
    attempt.cancel();
    const { verdict } = attempt;
    if (verdict === undefined) return undefined;
    if (execution.status.runDigest !== execution.digest && !execution.spec.cancel) {
      // What ran is not what is wanted any more: its outcome is nobody's.
      return await this.#writeAndDrop(key, execution, restartedStatus(execution, this.#now()));
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
    execution: KnownExecution,
    claim: ExecutionClaim,
    { isStopped }: { isStopped: boolean },
  ): Promise<ReconcileResult> {
    const { sources, runtimes, places, writer, attempts } = this.#parts;
    const whole = await writer.whole(execution);
    if (whole === undefined) return SOON;
    const source = isStopped ? undefined : await sources.read(execution);
    const isSame = source?.digest === execution.status.sourceDigest;
    const limits = limitsOf(execution, runtimes.get(runtimeKeyOf(execution)));
    places.hold(key, claim.podUID, runtimeKeyOf(execution));
    const script = whole.spec.source ?? (isSame ? source?.text : undefined);
    const canSend = !isStopped && script !== undefined && limits !== undefined;
    attempts.start(key, whole, {
      claim,
      body: canSend ? JSON.stringify(runRequest(whole, script, limits)) : undefined,
      timeoutMs: limits?.timeoutMs ?? MAX_TIMEOUT_MS,
      byUsAlone: false,
    });
    return undefined;
  }

  /** Records how it ended, or that it is tried again; then the pod may forget it. */
  async #end(key: string, execution: KnownExecution, outcome: OutcomeInput): Promise<ReconcileResult> {
    if (isTriedAgain(execution, outcome)) {
      return await this.#writeAndDrop(key, execution, retryStatus(execution, outcome, this.#now()));
    }
    const { writer, attempts, refusals, onEnded } = this.#parts;
    const object = await writer.writeOutcome(execution, outcome);
    if (object === undefined) return SOON;
    attempts.drop(key);
    refusals.forget(key);
    onEnded(object);
    return execution.spec.ttlSecondsAfterFinished === undefined ? undefined : AGAIN;
  }

  /** The pod has not started it: it goes back into its line, and stays away from pods for a moment. */
  async #release(key: string, execution: KnownExecution, why: string): Promise<ReconcileResult> {
    const { writer, attempts, refusals } = this.#parts;
    const now = this.#now();
    refusals.refused(key, now.getTime());
    const written = await writer.write(execution, releasedStatus(execution, why, now));
    if (written.kind !== 'written') return lookAgainAfter(written);
    attempts.forget(key);
    return AGAIN;
  }

  /** The pod says that its outcome was recorded: then it stands in the object, as the API server has it. */
  async #readRecord(key: string, execution: KnownExecution): Promise<ReconcileResult> {
    const whole = await this.#parts.writer.whole(execution);
    if (whole === undefined) return SOON;
    const message = 'The pod says that its outcome was recorded, and it is not: what the script did is not known.';
    return await this.#end(key, execution, lostOutcome(execution, message, this.#now()));
  }

  #now(): Date {
    return new Date(this.#parts.now());
  }

  /** What became of the attempt is written down, or nobody's any more: its pod may forget it. */
  async #writeAndDrop(key: string, execution: KnownExecution, status: ScriptExecutionStatus): Promise<ReconcileResult> {
    const written = await this.#parts.writer.write(execution, status);
    if (written.kind !== 'written') return lookAgainAfter(written);
    this.#parts.attempts.drop(key);
    return AGAIN;
  }
}
