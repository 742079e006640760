import { tenantOf } from '../../api/defaults.ts';
import type { Reason } from '../../api/outcome.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import type { ReconcileResult } from '../kube/controller.ts';
import { keyOf } from '../kube/object.ts';
import type { Store } from '../kube/store.ts';
import type { KnownRuntime } from '../runtimes/known-runtime.ts';
import type { AttemptParts } from './attempt.ts';
import { Attempts, isBefore, isOf } from './attempts.ts';
import { ClaimedRuns } from './claimed-runs.ts';
import type { KnownExecution } from './known-execution.ts';
import { AGAIN, lookAgainAfter, SOON } from './look-again.ts';
import { expiresAt, hasEnded, nextStep, type Step } from './next-step.ts';
import type { Notes } from './notes.ts';
import type { ExecutionObserver } from './observer.ts';
import type { Place, Places } from './places.ts';
import { Refusals } from './refusals.ts';
import type { RightOfWay } from './right-of-way.ts';
import { limitsOf, runRequest, runtimeKeyOf } from './run-request.ts';
import { type Sources, unusableSource } from './sources.ts';
import type { StatusWriter } from './status-writer.ts';
import { claimedStatus, observedStatus, restartedStatus, unstartedStatus, waitingStatus } from './statuses.ts';
import { lookAgain, saysSo, waitingSince } from './waiting.ts';
import { WaitingTimes } from './waiting-times.ts';

export interface ReconcilerParts {
  readonly executions: Store<KnownExecution>;
  readonly runtimes: Store<KnownRuntime>;
  readonly sources: Sources;
  readonly places: Places;
  readonly rightOfWay: RightOfWay;
  readonly notes: Notes;
  readonly writer: StatusWriter;
  readonly attempt: Omit<AttemptParts, 'onSettled' | 'now'>;
  readonly servingPods: (runtime: string) => number;
  readonly isNamespaceEnding: (namespace: string) => boolean;
  readonly observer: ExecutionObserver;
  /** An execution waits for a place on this runtime's pods. */
  readonly onWaiting: (runtime: string) => void;
  /** An execution of this runtime has ended, for good. */
  readonly onEnded: (runtime: string) => void;
  /** Deletes an execution, if it is still the one that was looked at. */
  readonly remove: (execution: KnownExecution) => Promise<void>;
  /** Looks at an execution again. */
  readonly enqueue: (key: string) => void;
  /** Nothing was written for an execution: that was no turn of its namespace's and tenant's. */
  readonly giveBackTurn: (key: string) => void;
  /** Milliseconds since the epoch, by the clock that the times in objects go by. */
  readonly now: () => number;
}

/**
 * Brings an execution from its manifest to its outcome. All writes of its status are made here and in `ClaimedRuns`, which is
 * called from here alone: one at a time.
 */
export class ExecutionReconciler {
  readonly #parts: ReconcilerParts;
  readonly #attempts: Attempts;
  readonly #claimed: ClaimedRuns;
  readonly #refusals = new Refusals();
  readonly #times = new WaitingTimes();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    const onSettled = (key: string): void => {
      parts.rightOfWay.begin(key);
      parts.enqueue(key);
    };
    const attempts = new Attempts({ ...parts, onSettled });
    const onEnded = (execution: ScriptExecution): void => this.#ended(execution);
    this.#attempts = attempts;
    this.#claimed = new ClaimedRuns({ ...parts, attempts, refusals: this.#refusals, onEnded });
    // What earlier leaders have claimed takes its places before any is given away.
    for (const execution of parts.executions.values()) {
      const { claim } = execution.status;
      if (claim === undefined || hasEnded(execution.status)) continue;
      parts.places.hold(keyOf(execution), claim.podUID, runtimeKeyOf(execution));
    }
  }

  /** The main loop's body: looks at what is, decides, and takes one step. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const execution = this.#parts.executions.get(key);
    const attempt = this.#attempts.get(key);
    if (attempt && execution && isBefore(execution, attempt) && (await this.#isOutdated(execution))) return AGAIN;
    if (attempt && (!execution || !isOf(attempt, execution))) {
      this.#attempts.abandon(key);
      this.#parts.rightOfWay.end(key);
    }
    if (!execution) {
      this.#parts.giveBackTurn(key);
      this.#forget(key);
      return undefined;
    }
    const now = this.#parts.now();
    const step = this.#decide(key, execution, now);
    if (step.kind !== 'queue' && step.kind !== 'follow' && step.kind !== 'stop') this.#parts.places.leave(key);
    if (step.kind !== 'queue' && step.kind !== 'wait') {
      this.#parts.notes.forget(key);
      this.#times.forget(key);
    }
    switch (step.kind) {
      case 'rest':
        this.#parts.giveBackTurn(key);
        return this.#rest(key, execution, now);
      case 'delete':
        this.#rest(key, execution, now);
        await this.#parts.remove(execution);
        return undefined;
      case 'observe':
        return await this.#observe(execution);
      case 'restart':
        return (await this.#write(execution, restartedStatus(execution, new Date(now)))) ?? AGAIN;
      case 'finish':
        this.#refusals.forget(key);
        return await this.#finish(execution, step);
      case 'wait':
        return await this.#wait(key, execution, step, now);
      case 'queue':
        return await this.#queue(key, execution, step, now);
      case 'follow':
        return await this.#settle(key, () => this.#claimed.follow(key, execution, step.claim));
      case 'stop':
        return await this.#settle(key, () => this.#claimed.stop(key, execution, step.claim));
    }
  }

  /** Executions that are claimed and have not ended, as far as this leader follows them. */
  get following(): number {
    return this.#attempts.size;
  }

  /** Whether somebody waits for how this run ends, or still has to record it. */
  isFollowed(key: string, runID: string): boolean {
    return this.#attempts.get(key)?.runID === runID;
  }

  /** Lets go of everything; what runs goes on, for another leader to find. */
  async close(): Promise<void> {
    await this.#attempts.close();
  }

  /** A pod is gone: who waits for its answer does so no longer than a moment. */
  podGone(podUID: string): void {
    this.#attempts.podGone(podUID);
  }

  /** What has become of an attempt is written down, if that is known. */
  async #settle(key: string, write: () => Promise<ReconcileResult>): Promise<ReconcileResult> {
    const attempt = this.#attempts.get(key);
    const isSettled = attempt?.verdict !== undefined;
    if (attempt && !isSettled) this.#parts.giveBackTurn(key);
    try {
      return await write();
    } finally {
      if (isSettled) this.#parts.rightOfWay.end(key);
    }
  }

  #decide(key: string, execution: KnownExecution, now: number): Step {
    const { sources, servingPods, isNamespaceEnding } = this.#parts;
    const runtimeKey = runtimeKeyOf(execution);
    const runtime = this.#parts.runtimes.get(runtimeKey);
    const retry = this.#times.nextAttempt(key, execution, now);
    const refused = this.#refusals.until(key);
    return nextStep({
      execution,
      digest: execution.digest,
      runtime,
      isNamespaceEnding: isNamespaceEnding(execution.metadata.namespace),
      source: sources.whereabouts(execution),
      readyPods: servingPods(runtimeKey),
      now,
      waitedMs: this.#times.waitedMs(key, execution, now),
      nextAttempt: retry && refused ? (retry.inMs > refused.inMs ? retry : refused) : (retry ?? refused),
    });
  }

  #rest(key: string, execution: KnownExecution, now: number): ReconcileResult {
    if (this.#attempts.get(key)?.verdict) this.#attempts.drop(key);
    else this.#attempts.abandon(key);
    this.#refusals.forget(key);
    const at = expiresAt(execution);
    return at === undefined || at <= now ? undefined : { requeueAfterMs: at - now };
  }

  async #observe(execution: KnownExecution): Promise<ReconcileResult> {
    const whole = await this.#parts.writer.whole(execution);
    return whole === undefined ? SOON : ((await this.#write(execution, observedStatus(whole))) ?? AGAIN);
  }

  async #finish(
    execution: KnownExecution,
    { reason, message }: Extract<Step, { kind: 'finish' }>,
  ): Promise<ReconcileResult> {
    const now = new Date(this.#parts.now());
    const written = await this.#parts.writer.write(execution, unstartedStatus(execution, { reason, message, now }));
    if (written.kind !== 'written') return lookAgainAfter(written);
    this.#ended(written.object);
    return execution.spec.ttlSecondsAfterFinished === undefined ? undefined : AGAIN;
  }

  async #wait(
    key: string,
    execution: KnownExecution,
    { reason, message, forMs }: Extract<Step, { kind: 'wait' }>,
    now: number,
  ): Promise<ReconcileResult> {
    const since = new Date(reason === 'Suspended' ? now : waitingSince(execution, now));
    const changed = await this.#note(key, execution, { reason, message, since });
    if (changed !== undefined || reason === 'Suspended') return changed; // time alone does not release it
    return lookAgain(execution, this.#times.waitedMs(key, execution, now), forMs);
  }

  /** Says why it waits, once that has lasted; gives what to do next where the object has changed. */
  async #note(
    key: string,
    execution: KnownExecution,
    note: { reason: Reason; message: string; since: Date },
  ): Promise<ReconcileResult> {
    const { notes, observer, giveBackTurn } = this.#parts;
    const isSaid = saysSo(execution, note);
    if (isSaid) notes.forget(key);
    if (isSaid || !notes.isDue(key, `${execution.metadata.generation} ${note.reason} ${note.message}`)) {
      giveBackTurn(key);
      return undefined;
    }
    notes.forget(key);
    const written = await this.#parts.writer.write(execution, waitingStatus(execution, note));
    if (written.kind !== 'written') return lookAgainAfter(written);
    observer.waits(written.object);
    return undefined;
  }

  async #queue(
    key: string,
    execution: KnownExecution,
    { reason = 'Pending', message }: Extract<Step, { kind: 'queue' }>,
    now: number,
  ): Promise<ReconcileResult> {
    const { namespace } = execution.metadata;
    const { spec } = execution;
    const place = this.#parts.places.ask({
      key,
      namespace,
      runtime: runtimeKeyOf(execution),
      tenant: tenantOf(execution),
      priority: spec.priority,
      createdMs: Date.parse(execution.metadata.creationTimestamp ?? ''),
    });
    if (place !== undefined) return await this.#claim(key, execution, place);
    this.#parts.onWaiting(runtimeKeyOf(execution));
    const changed = await this.#note(key, execution, {
      reason,
      message: message ?? `It waits for a free VM of ScriptRuntime "${spec.runtimeRef.name}".`,
      since: new Date(waitingSince(execution, now)),
    });
    return changed ?? lookAgain(execution, this.#times.waitedMs(key, execution, now));
  }

  /** Writes down which pod gets it, and only then tells the pod. */
  async #claim(key: string, execution: KnownExecution, place: Place): Promise<ReconcileResult> {
    const { places, rightOfWay, sources, runtimes, writer } = this.#parts;
    try {
      const source = await sources.read(execution);
      const limits = limitsOf(execution, runtimes.get(runtimeKeyOf(execution)));
      if (limits === undefined || (execution.spec.sourceFrom !== undefined && source === undefined)) {
        places.leave(key); // it has gone meanwhile, which the cache will say in a moment
        return SOON;
      }
      const unusable = unusableSource(execution, source);
      if (unusable !== undefined) {
        places.leave(key);
        return await this.#finish(execution, { kind: 'finish', ...unusable });
      }
      const status = claimedStatus(execution, place, {
        sourceDigest: source?.digest,
        now: new Date(this.#parts.now()),
      });
      rightOfWay.begin(key);
      const startedAt = performance.now();
      const written = await writer.write(execution, status);
      places.pace.claimed(performance.now() - startedAt);
      if (written.kind !== 'written') {
        rightOfWay.end(key);
        places.leave(key);
        return lookAgainAfter(written);
      }
      rightOfWay.runs(key);
      places.taken(key);
      const { object } = written;
      this.#parts.observer.claimed(object);
      const request = runRequest(object, source?.text ?? object.spec.source ?? '', limits);
      this.#attempts.start(key, object, {
        claim: status.claim,
        body: JSON.stringify(request),
        timeoutMs: limits.timeoutMs,
        byUsAlone: true,
      });
      return undefined;
    } catch (error) {
      rightOfWay.end(key);
      places.leave(key);
      throw error;
    }
  }

  #ended(execution: ScriptExecution): void {
    this.#parts.observer.ended(execution, this.#parts.now());
    this.#parts.onEnded(runtimeKeyOf(execution));
  }

  /** Whether the cache is behind what we have written: so it is after a list that began before the write and came after it. */
  async #isOutdated(execution: KnownExecution): Promise<boolean> {
    const whole = await this.#parts.writer.refresh(execution);
    return whole !== undefined && whole.metadata.resourceVersion !== execution.metadata.resourceVersion;
  }

  /** Gives undefined where it was written, and else when to look again. */
  async #write(execution: KnownExecution, status: ScriptExecutionStatus): Promise<ReconcileResult> {
    const written = await this.#parts.writer.write(execution, status);
    return written.kind === 'written' ? undefined : lookAgainAfter(written);
  }

  #forget(key: string): void {
    this.#parts.places.leave(key);
    this.#parts.notes.forget(key);
    this.#times.forget(key);
    this.#refusals.forget(key);
  }
}
