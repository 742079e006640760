import type { PodStats, RefusalCode, RunState } from '../../../../src/api/pod-protocol.ts';
import type { PodAddress, PodClient } from '../../../../src/cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable } from '../../../../src/cluster/pods/pod-errors.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';
import type { Channel, Network } from './network.ts';
import type { Life, SimulatedPod } from './pod.ts';
import type { Token } from './pod-gate.ts';
import type { Process, VirtualTime } from './virtual-time.ts';

interface Parts {
  readonly process: Process;
  readonly epoch: number;
  readonly network: Network;
  readonly time: VirtualTime;
  /** Finds a pod by address, which is its uid. */
  readonly podAt: (address: string) => SimulatedPod | undefined;
}

interface Request<T> {
  readonly channel: Channel;
  readonly isQuestion: boolean;
  readonly handle: (life: Life) => T | Promise<T>;
  readonly signal?: AbortSignal | undefined;
  /** Also those that are no question have one, but for a run. */
  readonly timeoutMs?: number | undefined;
}

export type ModelPodClient = Pick<PodClient, 'run' | 'state' | 'cancel' | 'acknowledge' | 'unacknowledged' | 'stats'>;

const QUESTION_TIMEOUT_MS = 5000;
const question = { channel: 'pod question', isQuestion: true, timeoutMs: QUESTION_TIMEOUT_MS } as const;
const order = { channel: 'pod question', isQuestion: false, timeoutMs: QUESTION_TIMEOUT_MS } as const;
let tokens = 0;

/** The `PodClient` of simulated pods. */
export class SimulatedPodClient implements ModelPodClient {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(pod: PodAddress, id: string, _body: string, signal?: AbortSignal): Promise<unknown> {
    const json = await this.#send(pod, {
      channel: 'pod run',
      isQuestion: false,
      signal,
      handle: (life) => life.start(id),
    });
    return (JSON.parse(json.toString()) as { outcome?: unknown }).outcome;
  }

  async state(pod: PodAddress, id: string, signal?: AbortSignal): Promise<{ state?: unknown; outcome?: unknown }> {
    const json = await this.#send(pod, { ...question, signal, handle: (life) => life.ledger.state(id) });
    return JSON.parse(json.toString()) as RunState;
  }

  async cancel(pod: PodAddress, id: string): Promise<void> {
    await this.#send(pod, { ...order, handle: (life) => life.ledger.cancel(id) });
  }

  async acknowledge(pod: PodAddress, id: string): Promise<void> {
    await this.#send(pod, { ...order, handle: (life) => life.acknowledge(id) });
  }

  async unacknowledged(pod: PodAddress): Promise<string[]> {
    return await this.#send(pod, { ...question, handle: (life) => life.ledger.unacknowledgedIds(1000) });
  }

  async stats(pod: PodAddress, signal?: AbortSignal): Promise<PodStats> {
    return await this.#send(pod, { ...question, channel: 'poll', signal, handle: (life) => life.stats() });
  }

  async #send<T>({ podUID, bootID, address }: PodAddress, request: Request<T>): Promise<T> {
    const { process, epoch, network, time, podAt } = this.#parts;
    const issuedAt = Math.floor(time.date / 1000);
    tokens += 1;
    const { channel, isQuestion, handle, signal, timeoutMs } = request;
    const token: Token = { podUID, bootID, epoch, issuedAt, id: `${tokens}`, isQuestion };
    const answered = await network.call<T | RefusalError>({
      from: process,
      to: address,
      server: () => podAt(address)?.life?.process,
      channel,
      failure: (message, options) => new PodUnreachable(message, options),
      signal,
      timeoutMs,
      handle: async () => {
        const life = podAt(address)?.life as Life;
        try {
          life.gate.check(token);
          return await handle(life);
        } catch (error) {
          if (error instanceof RefusalError) return error;
          throw error;
        }
      },
    });
    if (!(answered instanceof RefusalError)) return answered;
    const { code, message } = answered as { code: RefusalCode; message: string };
    throw new PodRefusal({ code, message, bootID: '' });
  }
}
