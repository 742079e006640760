import type { RefusalCode } from '../../api/pod-protocol.ts';
import type { ExecutionClaim } from '../../api/types.generated.ts';
import type { KnownPod } from '../../cluster/pods/known-pod.ts';
import { checkedOutcome } from '../../cluster/pods/outcome-check.ts';
import { tooLargeOutcome, unreadableOutcome } from '../../cluster/pods/outcomes.ts';
import type { PodAddress, PodClient } from '../../cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable, PodUnreadable } from '../../cluster/pods/pod-errors.ts';
import { backoffMs } from '../../kube/backoff.ts';
import { pause } from '../../kube/pause.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { type Verdict, verdictOf } from './pod-answer.ts';
import type { Transition } from './trace.ts';

export interface AttemptParts {
  /** Its pod as stored in the API server; undefined if it does not exist or has terminated. */
  readonly findPod: (claim: ExecutionClaim, namespace: string) => Promise<KnownPod | undefined>;
  readonly client: Pick<PodClient, 'run' | 'state' | 'cancel' | 'acknowledge'>;
  /** The pod has refused a request, or could not be reached. */
  readonly suspect: (podUID: string) => void;
  readonly onSettled: () => void;
  /** Called for each transition of the attempt. */
  readonly trace: (transition: Transition, fields?: Readonly<Record<string, unknown>>) => void;
  /** Milliseconds since the epoch, by the clock of the times in objects. */
  readonly now: () => number;
}

export interface AttemptInput {
  /** The object as it was claimed. */
  readonly of: ExecutionProjection['metadata'];
  readonly claim: ExecutionClaim;
  /** `uid.run.attempt` */
  readonly runID: string;
  /** JSON of a RunRequest; undefined: it cannot be built any more, and the pod is only asked for its state. */
  readonly body: string | undefined;
  /** The script's time-out. */
  readonly timeoutMs: number;
  /** False: a former leader may have sent it. */
  readonly byUsAlone: boolean;
}

/** Time beyond the script's time-out for its pod to become reachable again. Then the run is lost. */
const UNREACHABLE_MS = 30_000;
const RETRY = { baseMs: 50, maxMs: 1000 };
const CANCEL_EVERY_MS = 250;
/** A deleted pod may still answer the open request. */
const LAST_ANSWER_MS = 1000;
const ACKNOWLEDGE_TRIES = 5;
/** Refusals that concern one run only: the pod accepts others. */
const SAYS_NOTHING_OF_THE_POD: ReadonlySet<RefusalCode> = new Set(['UnknownRun', 'Acknowledged', 'Unsuitable']);

/**
 * One attempt of a run on one pod: sends it, waits for its outcome, and asks again with the same id while the result is
 * unknown. An unreachable pod is not a lost pod: the attempt is lost when the pod is, or when the script's time is over
 * by our own clock.
 */
export class Attempt {
  readonly runID: string;
  readonly of: ExecutionProjection['metadata'];
  readonly claim: ExecutionClaim;
  /** Milliseconds since the epoch, by the clock of the times in objects. */
  readonly startedMs: number;
  readonly #parts: AttemptParts;
  readonly #input: AttemptInput;
  readonly #closed = new AbortController();
  /** Start of its time: its own start, or the last time its pod reported it running. */
  #countedFrom = performance.now();
  #openRequest: AbortController | undefined;
  #unansweredSince: number | undefined;
  #verdict: Verdict | undefined;
  #settledMs: number | undefined;
  /** Its pod has confirmed that it has the run. */
  #hasArrived = false;
  #cancelling = false;
  #abandoned = false;

  constructor(parts: AttemptParts, input: AttemptInput) {
    this.#parts = parts;
    this.#input = input;
    this.runID = input.runID;
    this.of = input.of;
    this.claim = input.claim;
    this.startedMs = parts.now();
  }

  /** Its result, once it is known. */
  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** When its result was known, as `startedMs`. */
  get settledMs(): number | undefined {
    return this.#settledMs;
  }

  /** Runs until there is a verdict, or it is closed. Never throws. */
  async run(): Promise<void> {
    for (let failures = 1; !this.#closed.signal.aborted; failures += 1) {
      const verdict = await this.#try();
      if (this.#closed.signal.aborted) return;
      if (verdict !== undefined) {
        this.#settle(verdict);
        return;
      }
      await pause(backoffMs(failures, RETRY), this.#closed.signal);
    }
  }

  /** Asks the pod to cancel it; the verdict has the result. */
  cancel(): void {
    if (this.#cancelling || this.#verdict !== undefined) return;
    this.#cancelling = true;
    void this.#keepCancelling();
  }

  /** The outcome is not needed any more: the run is cancelled, and acknowledged when it is finished. */
  abandon(): void {
    this.#abandoned = true;
    if (this.#verdict === undefined) this.cancel();
    else this.acknowledge();
  }

  /** The outcome is recorded: its pod may drop it. */
  acknowledge(): void {
    if (this.#verdict?.kind === 'finished') void this.#acknowledge();
  }

  /** Its pod is deleted: an open request gets a moment for its answer. */
  podGone(): void {
    const open = this.#openRequest;
    if (open) setTimeout(() => open.abort(new Error('the pod is gone')), LAST_ANSWER_MS).unref();
  }

  /** Stops all work; the run continues for the next leader to adopt. */
  close(): void {
    this.#closed.abort(new Error('the operator no longer leads'));
  }

  #settle(verdict: Verdict): void {
    this.#parts.trace('settled', { verdict: verdict.kind });
    this.#verdict = verdict;
    this.#settledMs = this.#parts.now();
    if (this.#abandoned) this.acknowledge();
    this.#parts.onSettled();
  }

  async #try(): Promise<Verdict | undefined> {
    let pod: KnownPod | undefined;
    try {
      pod = await this.#findPod();
    } catch {
      return undefined; // the API server does not answer: unknown is not lost
    }
    if (pod === undefined) return { kind: 'lost', message: `Pod ${this.claim.podName} is gone.` };
    const { podUID, bootID } = this.claim;
    const address = pod.address === undefined ? undefined : { podUID, bootID, address: pod.address };
    if (this.#leftMs <= 0 && !(await this.#saysThatItRuns(address))) {
      const message = `Pod ${this.claim.podName} could not be reached to fetch its outcome.`;
      return { kind: 'lost', message };
    }
    return address === undefined ? undefined : await this.#ask(address, this.#leftMs);
  }

  get #leftMs(): number {
    return this.#countedFrom + this.#input.timeoutMs + UNREACHABLE_MS - performance.now();
  }

  /** Its time is over by our clock but not by the pod's, where it waited for a VM: it gets its time again. */
  async #saysThatItRuns(pod: PodAddress | undefined): Promise<boolean> {
    if (pod === undefined || this.#cancelling) return false;
    try {
      await this.#state(pod, this.#closed.signal);
    } catch {
      return false;
    }
    this.#countedFrom = performance.now();
    return true;
  }

  async #ask(pod: PodAddress, leftMs: number): Promise<Verdict | undefined> {
    const { client, suspect } = this.#parts;
    const open = new AbortController();
    this.#openRequest = open;
    const late = setTimeout(() => open.abort(new Error('the pod did not answer')), leftMs);
    const signal = AbortSignal.any([open.signal, this.#closed.signal]);
    const sentAt = performance.now();
    const body = this.#mayStart ? this.#input.body : undefined;
    if (body !== undefined) this.#parts.trace('sent', { pod: this.claim.podName });
    try {
      const outcome =
        body === undefined ? await this.#state(pod, signal) : await client.run(pod, this.runID, body, signal);
      if (outcome === 'running') return undefined;
      const checked = checkedOutcome(outcome);
      if (checked === undefined) throw new PodUnreadable("the pod's answer is not an outcome");
      return { kind: 'finished', outcome: checked };
    } catch (error) {
      if (this.#closed.signal.aborted) return undefined;
      if (error instanceof PodUnreadable) {
        // Asking again would return the same: the run is over, and the pod gets no new runs for a while.
        suspect(pod.podUID);
        const now = new Date(this.#parts.now());
        return { kind: 'finished', outcome: error.isTooLarge ? tooLargeOutcome(now) : unreadableOutcome(now) };
      }
      if (!(error instanceof PodRefusal)) {
        suspect(pod.podUID);
        const isUnsent = error instanceof PodUnreachable && error.neverSent;
        if (body !== undefined && !isUnsent) this.#unansweredSince = sentAt;
        const hasArrived = this.#unansweredSince !== undefined || !this.#input.byUsAlone;
        return isUnsent && !hasArrived ? { kind: 'refused', message: error.message } : undefined;
      }
      const unansweredForMs =
        this.#unansweredSince === undefined ? undefined : performance.now() - this.#unansweredSince;
      const { byUsAlone } = this.#input;
      if (!SAYS_NOTHING_OF_THE_POD.has(error.code)) suspect(pod.podUID);
      return verdictOf(error.code, error.message, { byUsAlone, unansweredForMs });
    } finally {
      clearTimeout(late);
      this.#openRequest = undefined;
    }
  }

  /**
   * A stopped run is not started, only asked for. A leader does not start a run that a former leader has claimed: a
   * write of the former leader that releases the claim may still be in flight, and the object has not changed in a way
   * that would make it fail. A run that never arrived is claimed again.
   */
  get #mayStart(): boolean {
    return !this.#cancelling && (this.#input.byUsAlone || this.#hasArrived);
  }

  #findPod(): Promise<KnownPod | undefined> {
    return this.#parts.findPod(this.claim, this.of.namespace);
  }

  async #state(pod: PodAddress, signal: AbortSignal): Promise<unknown> {
    const { state, outcome } = await this.#parts.client.state(pod, this.runID, signal);
    this.#hasArrived = true;
    return state === 'finished' ? outcome : 'running';
  }

  async #keepCancelling(): Promise<void> {
    while (this.#verdict === undefined && !this.#closed.signal.aborted) {
      try {
        const pod = await this.#findPod();
        const { podUID, bootID } = this.claim;
        if (pod?.address !== undefined) {
          await this.#parts.client.cancel({ podUID, bootID, address: pod.address }, this.runID);
        }
      } catch {
        // retried: the run may not have arrived yet
      }
      await pause(CANCEL_EVERY_MS, this.#closed.signal);
    }
  }

  async #acknowledge(): Promise<void> {
    for (let tries = 1; tries <= ACKNOWLEDGE_TRIES && !this.#closed.signal.aborted; tries += 1) {
      try {
        const pod = await this.#findPod();
        if (pod?.address === undefined) return;
        const { podUID, bootID } = this.claim;
        await this.#parts.client.acknowledge({ podUID, bootID, address: pod.address }, this.runID);
        this.#parts.trace('acknowledged');
        return;
      } catch (error) {
        if (error instanceof PodRefusal) return; // another boot or another leader: the outcome is not there
        await pause(backoffMs(tries, RETRY), this.#closed.signal);
      }
    }
  }
}
