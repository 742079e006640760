import { tenantOf } from '../../api/defaults.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../api/types.generated.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { neededValues, valuesProblem } from '../../cluster/pods/pod-values.ts';
import type { ServingPod } from '../../cluster/pods/serving-pod.ts';
import { fitOf } from '../../cluster/pods/suitable-pod.ts';
import type { Sources } from '../../cluster/sources.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import { keyOf } from '../../kube/object.ts';
import type { Store } from '../../kube/store.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Slots } from '../dispatch/slots.ts';
import type { SlotRequest, WorkKind } from '../dispatch/work.ts';
import type { Attempt, AttemptParts } from './attempt.ts';
import { Attempts, isBefore, isOf } from './attempts.ts';
import { ClaimedRuns } from './claimed-runs.ts';
import { Claims } from './claims.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { ExecutionSpans } from './execution-spans.ts';
import { isFinished } from './finished.ts';
import { expiresAt, nextStep, type Step } from './next-step.ts';
import type { ExecutionObserver } from './observer.ts';
import { GONE, requeueAfter, SOON, soonest } from './requeue.ts';
import type { RunContents } from './run-contents.ts';
import { limitsOf, runtimeKeyOf } from './runtime-of.ts';
import type { StatusWriter } from './status-writer.ts';
import { observedStatus, restartedStatus, unstartedStatus, waitingStatus } from './statuses.ts';
import type { ExecutionTrace } from './trace.ts';
import { deadlineMs, saysSo, type WaitReason, waitingSince } from './waiting.ts';
import { WaitingTimes } from './waiting-times.ts';

export interface ReconcilerParts {
  readonly executions: Store<ExecutionProjection>;
  readonly runtimes: Store<KnownRuntime>;
  readonly sources: Sources;
  readonly contents: RunContents;
  readonly slots: Slots;
  readonly dispatcher: Pick<Dispatcher, 'set' | 'delete' | 'forget' | 'isWriting'>;
  readonly writer: StatusWriter;
  readonly attempt: Omit<AttemptParts, 'onSettled' | 'now' | 'trace'>;
  /** The pods that accept runs of a runtime. */
  readonly serving: (runtime: string) => Iterable<ServingPod>;
  readonly isNamespaceEnding: (namespace: string) => boolean;
  readonly observer: ExecutionObserver;
  readonly trace: ExecutionTrace;
  /** Undefined: nothing is traced. */
  readonly spans?: ExecutionSpans | undefined;
  /** An execution waits for a slot of this runtime. */
  readonly onWaiting: (runtime: string) => void;
  /** An execution of this runtime has finished. */
  readonly onFinished: (execution: ScriptExecution) => void;
  /** Deletes an execution if it is unchanged. */
  readonly remove: (execution: ExecutionProjection) => Promise<void>;
  /** Reconciles an execution again. */
  readonly enqueue: (key: string) => void;
  /** Milliseconds since the epoch, by the clock of the times in objects. */
  readonly now: () => number;
}

/** A step with a reason to wait. */
type WaitingStep = Extract<Step, { kind: 'wait' | 'queue' }>;

/** Maximum length of an error quoted in a condition. */
const MAX_FAILURE = 200;

/**
 * Reconciles an execution, in two halves. `reconcile` decides what to write and passes it to the dispatcher, without
 * writing. `write` is called at the execution's turn: it decides again from the newest object, and makes one status
 * write.
 */
export class ExecutionReconciler {
  readonly #parts: ReconcilerParts;
  readonly #attempts: Attempts;
  readonly #claimed: ClaimedRuns;
  readonly #claims: Claims;
  readonly #times = new WaitingTimes();
  /** Why the last write of an execution's status failed. */
  readonly #failures = new Map<string, string>();
  /** Objects confirmed by the API server although older than an attempt's, as after a restore of etcd. */
  readonly #confirmed = new WeakSet<ExecutionProjection>();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    const attempts = new Attempts({ ...parts, onSettled: parts.enqueue });
    const onFinished = (execution: ScriptExecution): void => this.#finished(execution);
    this.#attempts = attempts;
    this.#claims = new Claims({ ...parts, attempts });
    this.#claimed = new ClaimedRuns({ ...parts, attempts, times: this.#times, onFinished });
    // Runs claimed by former leaders take their slots before any slot is reserved.
    for (const execution of parts.executions.values()) {
      if (!isFinished(execution.status)) attempts.adopt(keyOf(execution), execution);
    }
  }

  /** Claimed and unfinished executions that this leader follows. */
  get following(): number {
    return this.#attempts.size;
  }

  /** Whether this leader waits for the outcome of a run, or has it to record. */
  isFollowed(key: string, runID: string): boolean {
    return this.#attempts.get(key)?.runID === runID;
  }

  /** Stops all work; the runs continue for the next leader to adopt. */
  async close(): Promise<void> {
    await this.#attempts.close();
  }

  /** A pod is deleted: requests to it get a moment for their last answer. */
  podGone(podUID: string): void {
    this.#attempts.podGone(podUID);
  }

  /** Decides what to write for an execution, and passes it to the dispatcher. Writes nothing. */
  reconcile(key: string): ReconcileResult {
    const { dispatcher, executions } = this.#parts;
    if (dispatcher.isWriting(key)) return undefined; // it is reconciled again after the write
    const execution = executions.get(key);
    if (execution !== undefined && this.#isBehind(key, execution)) return this.#dispatch(execution, ['outcome']);
    const attempt = this.#attempts.get(key);
    if (attempt && (!execution || !isOf(attempt, execution))) this.#attempts.abandon(key);
    if (execution === undefined) {
      this.#forget(key);
      return undefined;
    }
    const now = this.#parts.now();
    const step = this.#decide(key, execution, now);
    this.#parts.trace.decided(execution, step.kind);
    const isClaimed = step.kind === 'follow' || step.kind === 'stop';
    const isWaiting = step.kind === 'queue' || step.kind === 'wait';
    if (!isClaimed) this.#attempts.release(key);
    if (!isWaiting) this.#times.forget(key);
    switch (step.kind) {
      case 'noop':
        dispatcher.delete(key);
        return this.#noop(key, execution, now) ?? requeueIn(step.forMs);
      case 'delete':
        this.#noop(key, execution, now);
        return this.#dispatch(execution, ['write']);
      case 'observe':
      case 'restart':
      case 'finish':
        return this.#dispatch(execution, ['write']);
      case 'wait':
      case 'queue':
        return this.#wait(key, execution, step, now);
      case 'follow':
        return this.#follow(key, execution);
      case 'stop':
        if (!this.#claimed.stop(key, execution, step.claim)) return this.#follow(key, execution);
        dispatcher.delete(key);
        return undefined;
    }
  }

  /**
   * Makes the write that is due, if any. Returns when to reconcile the execution again: at once if undefined.
   * @param kind the class it was dispatched as
   */
  async write(key: string, kind: WorkKind): Promise<ReconcileResult> {
    try {
      const result = await this.#perform(key, kind);
      if (kind === 'claim' || kind === 'outcome') this.#failures.delete(key);
      return result;
    } catch (error) {
      this.#failures.set(key, String(error).slice(0, MAX_FAILURE));
      throw error;
    }
  }

  async #perform(key: string, kind: WorkKind): Promise<ReconcileResult> {
    const { writer, remove, trace } = this.#parts;
    const execution = this.#parts.executions.get(key);
    if (execution === undefined) return undefined;
    trace.record('dispatched', execution, { class: kind });
    if (this.#isBehind(key, execution)) return await this.#catchUp(execution);
    const now = this.#parts.now();
    const step = this.#decide(key, execution, now);
    switch (step.kind) {
      case 'noop':
        return undefined;
      case 'delete':
        await remove(execution);
        return GONE;
      case 'observe': {
        const whole = await writer.whole(execution);
        return whole === undefined ? SOON : await this.#write(execution, observedStatus(whole));
      }
      case 'restart':
        return await this.#write(execution, restartedStatus(execution, new Date(now)));
      case 'finish':
        return await this.#finish(execution, step);
      case 'wait':
        return await this.#sayWhy(execution, step, now);
      case 'queue':
        return await this.#claimOrSayWhy(key, execution, step, kind, now);
      case 'follow':
        return await this.#claimed.record(key, execution, step.claim);
      case 'stop':
        return await this.#claimed.recordStopped(key, execution, step.claim);
    }
  }

  #decide(key: string, execution: ExecutionProjection, now: number): Step {
    const { sources, isNamespaceEnding } = this.#parts;
    const runtimeKey = runtimeKeyOf(execution);
    const runtime = this.#parts.runtimes.get(runtimeKey);
    const pods = [...this.#parts.serving(runtimeKey)];
    const isClaimed = execution.status.claim !== undefined; // then nothing depends on what it needs to start
    const request = isClaimed ? undefined : this.#slotRequest(execution);
    return nextStep({
      execution,
      runtime,
      isNamespaceEnding: isNamespaceEnding(execution.metadata.namespace),
      missingSource: sources.missing(execution, runtime),
      readyPods: pods.length,
      hasFittingPod: request?.fits !== 'none',
      missingValues: request?.fits === 'none' ? valuesProblem(pods, request.values) : undefined,
      failure: this.#failures.get(key),
      now,
      waitedMs: isClaimed ? 0 : this.#times.waitedMs(key, execution, now),
      nextAttempt: this.#times.nextAttempt(key, execution, now),
    });
  }

  #slotRequest(execution: ExecutionProjection): SlotRequest | undefined {
    const key = runtimeKeyOf(execution);
    const runtime = this.#parts.runtimes.get(key);
    const limits = limitsOf(execution, runtime);
    if (runtime === undefined || limits === undefined) return undefined;
    const values = neededValues(runtime.spec, execution.spec.env, tenantOf(execution));
    return { runtime: key, limits, values, fits: fitOf(this.#parts.serving(key), { limits, values }) };
  }

  /** Passes the write of an execution to the dispatcher. */
  #dispatch(execution: ExecutionProjection, kinds: readonly WorkKind[], slot?: SlotRequest): undefined {
    const runtime = this.#parts.runtimes.get(runtimeKeyOf(execution));
    const tenant = tenantOf(execution);
    this.#parts.dispatcher.set({
      key: keyOf(execution),
      namespace: execution.metadata.namespace,
      // Unknown runtimes, and tenants that the runtime does not list, get no flow of their own: such names can be
      // invented.
      runtime: runtime === undefined ? '' : keyOf(runtime),
      tenant: runtime?.spec.tenants?.includes(tenant) ? tenant : '',
      priority: execution.spec.priority,
      createdMs: Date.parse(execution.metadata.creationTimestamp ?? ''),
      kinds,
      slot,
    });
  }

  /** For a claimed execution: the result of its attempt is written once known. */
  #follow(key: string, execution: ExecutionProjection): ReconcileResult {
    const attempt = this.#attempts.get(key);
    if (attempt === undefined || attempt.verdict !== undefined) return this.#dispatch(execution, ['outcome']);
    this.#parts.dispatcher.delete(key);
    return undefined;
  }

  #noop(key: string, execution: ExecutionProjection, now: number): ReconcileResult {
    if (this.#attempts.get(key)?.verdict) this.#attempts.drop(key);
    else this.#attempts.abandon(key);
    this.#times.forgetRefusals(key);
    this.#failures.delete(key);
    const at = expiresAt(execution);
    return at === undefined || at <= now ? undefined : { requeueAfterMs: at - now };
  }

  /** It is queued, and its reason to wait is written once it has lasted. */
  #wait(key: string, execution: ExecutionProjection, step: WaitingStep, now: number): ReconcileResult {
    const why = whyOf(execution, step);
    const text = `${execution.metadata.generation} ${why.reason} ${why.message}`;
    const reasonDueInMs = this.#times.reasonDueInMs(key, text);
    const dueInMs = saysSo(execution, why) ? Number.POSITIVE_INFINITY : reasonDueInMs;
    // Waiting for a slot is the last thing to be written: it may concern thousands.
    const update: readonly WorkKind[] = dueInMs > 0 ? [] : [step.reason === undefined ? 'note' : 'write'];
    if (step.kind === 'queue') {
      this.#dispatch(execution, ['claim', ...update], this.#slotRequest(execution));
      this.#parts.onWaiting(runtimeKeyOf(execution));
    } else if (update.length > 0) this.#dispatch(execution, update);
    else this.#parts.dispatcher.delete(key);
    const isSuspended = step.reason === 'Suspended'; // time alone does not resume it
    const deadline = isSuspended ? undefined : deadlineMs(execution, this.#times.waitedMs(key, execution, now));
    const forMs = step.kind === 'wait' ? step.forMs : undefined;
    return soonest(dueInMs > 0 ? dueInMs : undefined, deadline, forMs);
  }

  async #claimOrSayWhy(
    key: string,
    execution: ExecutionProjection,
    step: WaitingStep,
    kind: WorkKind,
    now: number,
  ): Promise<ReconcileResult> {
    if (kind !== 'claim' && step.reason !== undefined) return await this.#sayWhy(execution, step, now);
    // A slot that has become free meanwhile is used, although only a note was due.
    const request = this.#slotRequest(execution);
    const claimed = request && (await this.#claims.claim(key, execution, request));
    if (claimed === undefined) return kind === 'claim' ? undefined : await this.#sayWhy(execution, step, now);
    return 'refused' in claimed ? await this.#finish(execution, claimed.refused) : claimed.requeue;
  }

  async #sayWhy(execution: ExecutionProjection, step: WaitingStep, now: number): Promise<ReconcileResult> {
    const why = whyOf(execution, step);
    if (saysSo(execution, why)) return undefined;
    const since = new Date(why.reason === 'Suspended' ? now : waitingSince(execution, now));
    const written = await this.#parts.writer.write(execution, waitingStatus(execution, { ...why, since }));
    if (written.kind === 'written') this.#parts.observer.waits(written.object);
    return requeueAfter(written);
  }

  async #finish(
    execution: ExecutionProjection,
    { reason, message }: Pick<Extract<Step, { kind: 'finish' }>, 'reason' | 'message'>,
  ): Promise<ReconcileResult> {
    this.#times.forgetRefusals(keyOf(execution));
    const now = new Date(this.#parts.now());
    const written = await this.#parts.writer.write(execution, unstartedStatus(execution, { reason, message, now }));
    if (written.kind === 'written') {
      this.#parts.spans?.ended(execution, written.object, this.#parts.now());
      this.#finished(written.object);
    }
    return requeueAfter(written);
  }

  #finished(execution: ScriptExecution): void {
    this.#parts.observer.ended(execution, this.#parts.now());
    this.#parts.onFinished(execution);
  }

  /**
   * Whether the cache is older than a claim of ours, as after a list that began before the claim and arrived after it.
   */
  #isBehind(key: string, execution: ExecutionProjection): boolean {
    const attempt: Attempt | undefined = this.#attempts.get(key);
    return attempt !== undefined && isBefore(execution, attempt) && !this.#confirmed.has(execution);
  }

  async #catchUp(execution: ExecutionProjection): Promise<ReconcileResult> {
    const whole = await this.#parts.writer.refresh(execution);
    const isNewer = whole !== undefined && whole.metadata.resourceVersion !== execution.metadata.resourceVersion;
    if (!isNewer) this.#confirmed.add(execution);
    return undefined;
  }

  async #write(execution: ExecutionProjection, status: ScriptExecutionStatus): Promise<ReconcileResult> {
    return requeueAfter(await this.#parts.writer.write(execution, status));
  }

  #forget(key: string): void {
    this.#parts.dispatcher.forget(key);
    this.#parts.trace.forget(key);
    this.#attempts.release(key);
    this.#claimed.forget(key);
    this.#times.forget(key);
    this.#times.forgetRefusals(key);
    this.#failures.delete(key);
  }
}

function whyOf({ spec }: ExecutionProjection, { reason = 'Pending', message }: WaitingStep): WaitReason {
  return { reason, message: message ?? `It waits for a free VM of ScriptRuntime "${spec.runtimeRef.name}".` };
}

const requeueIn = (ms: number | undefined): ReconcileResult => (ms === undefined ? undefined : { requeueAfterMs: ms });
