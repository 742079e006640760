import type { RefusalCode } from '../../api/pod-protocol.ts';
import type { ExecutionClaim } from '../../api/types.generated.ts';
import { backoffMs } from '../kube/backoff.ts';
import { pause } from '../kube/pause.ts';
import type { KnownPod } from '../pods/known-pod.ts';
import { type PodAddress, type PodClient, PodRefusal, PodUnreachable, PodUnreadable } from '../pods/pod-client.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { checkedOutcome } from './outcome-check.ts';
import { tooLargeOutcome, unreadableOutcome } from './outcomes.ts';
import { type Verdict, verdictOf } from './pod-answer.ts';
import type { Transition } from './trace.ts';

export interface AttemptParts {
  /** Its pod as the API server has it now; undefined where there is none of that uid, or it has ended. */
  readonly findPod: (claim: ExecutionClaim, namespace: string) => Promise<KnownPod | undefined>;
  readonly client: Pick<PodClient, 'run' | 'state' | 'cancel' | 'acknowledge'>;
  /** A pod that has refused, or could not be reached. */
  readonly suspect: (podUID: string) => void;
  readonly onSettled: () => void;
  /** Called for each transition of the attempt. */
  readonly trace: (transition: Transition, fields?: Readonly<Record<string, unknown>>) => void;
  /** Milliseconds since the epoch, by the clock that the times in objects go by. */
  readonly now: () => number;
}

export interface AttemptInput {
  /** The object as it was claimed. */
  readonly of: ExecutionProjection['metadata'];
  readonly claim: ExecutionClaim;
  /** `uid.run.attempt` */
  readonly runID: string;
  /** JSON of a RunRequest; undefined: it can't be made any more, and what the pod has is only asked for. */
  readonly body: string | undefined;
  /** Time that the script may take. */
  readonly timeoutMs: number;
  /** False: an earlier leader may have sent it. */
  readonly byUsAlone: boolean;
}

/** Beyond the script's own time: for its pod to be reached again. Then the run is given up as lost. */
const UNREACHABLE_MS = 30_000;
const RETRY = { baseMs: 50, maxMs: 1000 };
const CANCEL_EVERY_MS = 250;
/** A pod that was deleted may still answer the request that is open. */
const LAST_ANSWER_MS = 1000;
const ACKNOWLEDGE_TRIES = 5;
/** Refusals that concern one run: the pod goes on taking others. */
const SAYS_NOTHING_OF_THE_POD: ReadonlySet<RefusalCode> = new Set(['UnknownRun', 'Acknowledged', 'Unsuitable']);

/**
 * One try of one run, on one pod: sends it, waits for its end, and asks again with the same id for as long as nobody knows
 * what became of it. Unreachable is not gone: it gives up when the pod is, or when the script's time is over by our own clock.
 */
export class Attempt {
  readonly runID: string;
  readonly of: ExecutionProjection['metadata'];
  readonly claim: ExecutionClaim;
  readonly #parts: AttemptParts;
  readonly #input: AttemptInput;
  readonly #closed = new AbortController();
  /** When its time began: with it, or when its pod last said that it runs. */
  #countedFrom = performance.now();
  #openRequest: AbortController | undefined;
  #unansweredSince: number | undefined;
  #verdict: Verdict | undefined;
  /** Its pod has said that it knows it. */
  #hasArrived = false;
  #cancelling = false;
  #abandoned = false;

  constructor(parts: AttemptParts, input: AttemptInput) {
    this.#parts = parts;
    this.#input = input;
    this.runID = input.runID;
    this.of = input.of;
    this.claim = input.claim;
  }

  /** What has become of it, once that is known. */
  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** Works until there is a verdict, or it is closed. Never throws. */
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

  /** Asks the pod to end it; how it ends, the verdict tells. */
  cancel(): void {
    if (this.#cancelling || this.#verdict !== undefined) return;
    this.#cancelling = true;
    void this.#keepCancelling();
  }

  /** Nobody wants the outcome any more: it is ended, and forgotten when it is over. */
  abandon(): void {
    this.#abandoned = true;
    if (this.#verdict === undefined) this.cancel();
    else this.acknowledge();
  }

  /** The outcome is recorded: its pod may forget it. */
  acknowledge(): void {
    if (this.#verdict?.kind === 'finished') void this.#acknowledge();
  }

  /** Its pod is no longer there: an answer that is under way has a moment left. */
  podGone(): void {
    const open = this.#openRequest;
    if (open) setTimeout(() => open.abort(new Error('the pod is gone')), LAST_ANSWER_MS).unref();
  }

  /** Does nothing more; what it runs goes on, for another leader to find. */
  close(): void {
    this.#closed.abort(new Error('the operator does not lead any more'));
  }

  #settle(verdict: Verdict): void {
    this.#parts.trace('settled', { verdict: verdict.kind });
    this.#verdict = verdict;
    if (this.#abandoned) this.acknowledge();
    this.#parts.onSettled();
  }

  async #try(): Promise<Verdict | undefined> {
    let pod: KnownPod | undefined;
    try {
      pod = await this.#findPod();
    } catch {
      return undefined; // the API server does not say: unknown is not gone
    }
    if (pod === undefined) return { kind: 'lost', message: `Pod ${this.claim.podName} is gone.` };
    const { podUID, bootID } = this.claim;
    const address = pod.address === undefined ? undefined : { podUID, bootID, address: pod.address };
    if (this.#leftMs <= 0 && !(await this.#saysThatItRuns(address))) {
      const message = `Pod ${this.claim.podName} could not be reached to learn how it ended.`;
      return { kind: 'lost', message };
    }
    return address === undefined ? undefined : await this.#ask(address, this.#leftMs);
  }

  get #leftMs(): number {
    return this.#countedFrom + this.#input.timeoutMs + UNREACHABLE_MS - performance.now();
  }

  /** Its time is over by our clock, and not by its pod's: there it had to wait for a VM. Then it has its time once more. */
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
    const late = setTimeout(() => open.abort(new Error('the pod does not answer')), leftMs);
    const signal = AbortSignal.any([open.signal, this.#closed.signal]);
    const sentAt = performance.now();
    const body = this.#mayStart ? this.#input.body : undefined;
    if (body !== undefined) this.#parts.trace('sent', { pod: this.claim.podName });
    try {
      const outcome =
        body === undefined ? await this.#state(pod, signal) : await client.run(pod, this.runID, body, signal);
      if (outcome === 'running') return undefined;
      const checked = checkedOutcome(outcome);
      if (checked === undefined) throw new PodUnreadable('what the pod gives is no outcome');
      return { kind: 'finished', outcome: checked };
    } catch (error) {
      if (this.#closed.signal.aborted) return undefined;
      if (error instanceof PodUnreadable) {
        // To ask again would bring the same: the run is over, and the pod gets nothing new for a while.
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
   * Who wants it to end does not start it, but asks what became of it. Nor does a leader start what an earlier one has
   * claimed: a write of that one may still be under way that takes the claim back, and nothing has changed in the object that it
   * would fail by. What has never arrived is claimed anew.
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
        // asked again: the run may not have arrived yet
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
        if (error instanceof PodRefusal) return; // another life, another leader: the outcome is not there
        await pause(backoffMs(tries, RETRY), this.#closed.signal);
      }
    }
  }
}
