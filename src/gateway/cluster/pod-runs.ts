import { encodeFrame } from '../../api/frame.ts';
import { formatRunId, MAX_REQUEST_BYTES, type RefusalCode } from '../../api/pod-protocol.ts';
import type { ServeRequest } from '../../api/serve-protocol.ts';
import type { OutcomeInput } from '../../api/status.ts';
import { checkedOutcome } from '../../cluster/pods/outcome-check.ts';
import { lostOutcome, tooLargeOutcome, unreadableOutcome } from '../../cluster/pods/outcomes.ts';
import type { PodAddress, PodClient } from '../../cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable, PodUnreadable } from '../../cluster/pods/pod-errors.ts';
import type { OnServedPart } from '../../cluster/pods/serve-reader.ts';
import type { ServingPod } from '../../cluster/pods/serving-pod.ts';
import { defined } from '../../kube/defined.ts';
import { JoinedSignal } from '../../kube/joined-signal.ts';
import { isOfTheClient, secretRefusal } from '../endpoints/secret-refusal.ts';
import type { Run, RunEnd, Runs } from '../execute/runtime-executor.ts';
import { Refusal } from '../refusal.ts';
import type { Places } from '../routing/places.ts';
import { BodyPieces } from './body-pieces.ts';

export interface PodRunsParts {
  readonly client: Pick<PodClient, 'run' | 'serve' | 'sendPiece' | 'breakBody'>;
  readonly places: Pick<Places, 'reserve' | 'busy'>;
  /** A pod has refused a run, or could not be reached. */
  readonly suspect: (podUID: string) => void;
}

/** Time beyond the script's time-out for a pod to answer: it may wait for a VM there. Then the run is lost. */
const ANSWER_MS = 30_000;

/** What a refusal says: of the room on this pod, of this run on this pod, of the request, or else of the pod. */
const OF_ROOM: ReadonlySet<RefusalCode> = new Set(['Busy']);
const OF_THIS_RUN: ReadonlySet<RefusalCode> = new Set(['Unsuitable']);
const OF_THE_REQUEST: ReadonlySet<RefusalCode> = new Set(['BadRequest', 'TooLarge']);

/** Sends runs to pods: each is sent until one pod has accepted it, and never again. */
export class PodRuns implements Runs {
  readonly maxRequestBytes = MAX_REQUEST_BYTES;
  readonly #parts: PodRunsParts;

  constructor(parts: PodRunsParts) {
    this.#parts = parts;
  }

  /**
   * Runs a script on one of the pods of its runtime. A pod that refuses it has not started it, so another gets it; without
   * an answer it may have run, and is lost.
   * @throws Refusal if no pod has taken it; the signal's reason
   */
  async run(run: Run): Promise<RunEnd> {
    const { places } = this.#parts;
    const startedAt = performance.now();
    const unsuitable = new Set<string>();
    for (;;) {
      const leftMs = Math.max(0, run.waitMs - (performance.now() - startedAt));
      using place = await places.reserve({ ...run, tenantKey: run.request.tenantKey, waitMs: leftMs, unsuitable });
      const { pod } = place;
      const waitMs = performance.now() - startedAt;
      const answer = await this.#send(run, pod);
      if (!(answer instanceof PodRefusal)) return { outcome: answer, pod: pod.name, podUID: pod.uid, waitMs };
      this.#heed(run, pod, answer, unsuitable);
    }
  }

  /** The outcome of a run that has been sent, or the definite refusal of the pod. */
  async #send(run: Run, { uid, address, bootID, name }: ServingPod): Promise<OutcomeInput | PodRefusal> {
    const { uid: execution, limits, signal } = run;
    const sentAt = new Date();
    // Not AbortSignal.timeout: thousands of requests a second would leave as many timers behind.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error('the pod did not answer')), limits.timeoutMs + ANSWER_MS);
    using ends = new JoinedSignal([signal, late.signal]);
    const lost = (why: string): OutcomeInput => {
      const status = { claim: { claimTime: sentAt.toISOString() } };
      return lostOutcome({ status }, `Pod ${name} ${why}: whether the script ran is unknown.`, new Date());
    };
    const client = { isWaitedFor: false };
    const serve = run.serve && { ...run.serve, respond: noting(client, run.serve.respond) };
    try {
      const id = formatRunId({ uid: execution, run: 1, attempt: 1 });
      const answer = await this.#ask({ podUID: uid, address, bootID }, id, { ...run, serve }, ends.signal);
      const outcome = checkedOutcome(answer);
      if (outcome === undefined) throw new PodUnreadable("the pod's answer is not an outcome");
      return outcome;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof PodRefusal) return error;
      // Anybody may read slowly: that says nothing of the pod.
      if (late.signal.aborted && client.isWaitedFor) return lost('had an answer that its client did not read in time');
      this.#parts.suspect(uid);
      if (error instanceof PodUnreadable)
        return error.isTooLarge ? tooLargeOutcome(new Date()) : unreadableOutcome(new Date());
      if (error instanceof PodUnreachable && error.neverSent) {
        return new PodRefusal({ code: 'NotReady', message: error.message, bootID });
      }
      return lost(late.signal.aborted ? 'did not answer in time' : 'is gone or did not answer');
    } finally {
      clearTimeout(timer);
    }
  }

  #ask(pod: PodAddress, id: string, { request, body: json, serve }: Run, signal: AbortSignal): Promise<unknown> {
    const { client } = this.#parts;
    if (serve === undefined) return client.run(pod, id, json ?? JSON.stringify(request), signal);
    const { respond, request: given, auth, module } = serve;
    const { body, ...head } = given;
    const message: ServeRequest = { ...request, request: head, ...defined({ auth, module }) };
    if (Buffer.isBuffer(body)) return client.serve(pod, id, encodeFrame(message, body), { onPart: respond }, signal);
    const broken = new AbortController();
    const ends = AbortSignal.any([signal, broken.signal]);
    const onLost = (error: unknown): void => broken.abort(error);
    const { pull } = new BodyPieces({ client, pod, id, body, signal: ends, onLost });
    const frame = encodeFrame({ ...message, isStreamed: true } satisfies ServeRequest);
    return client.serve(pod, id, frame, { onPart: respond, onPull: pull }, ends);
  }

  #heed({ runtime }: Run, { uid }: ServingPod, { code, message }: PodRefusal, unsuitable: Set<string>): void {
    if (OF_ROOM.has(code)) this.#parts.places.busy(runtime, uid);
    else if (OF_THIS_RUN.has(code)) unsuitable.add(uid);
    else if (isOfTheClient(code)) throw secretRefusal(code, message);
    else if (OF_THE_REQUEST.has(code)) throw new Refusal('Invalid', `the pod refuses the script: ${message}`);
    else this.#parts.suspect(uid);
  }
}

/** As `respond`; notes while it waits for the client. */
const noting =
  (client: { isWaitedFor: boolean }, respond: OnServedPart): OnServedPart =>
  (part) => {
    const written = respond(part);
    if (written === undefined) return undefined;
    client.isWaitedFor = true;
    return written.then(() => {
      client.isWaitedFor = false;
    });
  };
