import { REFUSAL_STATUS, type RefusalCode, type RunOutcome } from '../../../../src/api/pod-protocol.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import { PodRefusal, PodUnreachable } from '../../../../src/cluster/pods/pod-errors.ts';
import type { AttemptParts } from '../../../../src/operator/executions/attempt.ts';
import { outcomeOf } from '../../runtime/server/run-requests.ts';
import { CLAIM } from './objects.ts';

/** The response to a request: a value, an error, or none until its signal or the test ends it. */
export type Answer = Error | Held | { readonly value: unknown };

/** A request that is left open. */
export class Held {
  readonly #end = Promise.withResolvers<unknown>();

  answer(value: unknown): void {
    this.#end.resolve(value);
  }

  fail(error: Error): void {
    this.#end.reject(error);
  }

  async wait(signal: AbortSignal | undefined): Promise<unknown> {
    const aborted = Promise.withResolvers<never>();
    if (signal?.aborted) throw signal.reason;
    signal?.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
    return await Promise.race([this.#end.promise, aborted.promise]);
  }
}

type Method = keyof AttemptParts['client'] | 'findPod';

export const refusal = (code: RefusalCode): PodRefusal =>
  new PodRefusal({ code, message: `${code} ${REFUSAL_STATUS[code]}`, bootID: 'boot-1' });
export const unreachable = (): PodUnreachable => new PodUnreachable('socket hang up');
export const neverSent = (): PodUnreachable => new PodUnreachable('connection refused', { neverSent: true });
export const finished = (result = 'ok'): { value: RunOutcome } => ({ value: outcomeOf(result) });

export const POD: KnownPod = {
  metadata: { name: CLAIM.podName, namespace: 'acme', uid: CLAIM.podUID },
  runtime: 'acme/default',
  address: '10.0.0.1:8080',
  isTerminal: false,
  standing: 'ready',
  deletionCost: { given: undefined, isMarked: false },
  life: 'a#0',
  trouble: undefined,
};

/** A pod with scripted responses that records its requests. */
export class ScriptedPod {
  /** All requests, in order. */
  readonly asked: Method[] = [];
  readonly bodies: string[] = [];
  readonly suspected: string[] = [];
  settled = 0;
  readonly #answers: Record<Method, Answer[]> = {
    findPod: [{ value: POD }],
    run: [],
    state: [],
    cancel: [{ value: undefined }],
    acknowledge: [{ value: undefined }],
  };

  /** Sets the responses to the next requests; the last one repeats. */
  script(method: Method, ...answers: Answer[]): this {
    this.#answers[method] = answers;
    return this;
  }

  count(method: Method): number {
    return this.asked.filter((each) => each === method).length;
  }

  readonly parts: AttemptParts = {
    now: () => Date.now(),
    findPod: async () => (await this.#take('findPod', undefined)) as KnownPod | undefined,
    suspect: (podUID) => void this.suspected.push(podUID),
    trace: () => {},
    onSettled: () => {
      this.settled += 1;
    },
    client: {
      run: async (_pod, _id, body, signal) => {
        this.bodies.push(body);
        return await this.#take('run', signal);
      },
      state: async (_pod, _id, signal) => (await this.#take('state', signal)) as { state?: unknown },
      cancel: async () => void (await this.#take('cancel', undefined)),
      acknowledge: async () => void (await this.#take('acknowledge', undefined)),
    },
  };

  async #take(method: Method, signal: AbortSignal | undefined): Promise<unknown> {
    this.asked.push(method);
    const answers = this.#answers[method];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) throw new Error(`no answer to ${method} was scripted`);
    if (answer instanceof Error) throw answer;
    return answer instanceof Held ? await answer.wait(signal) : answer.value;
  }
}
