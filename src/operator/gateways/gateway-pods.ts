import type { KeyObject } from 'node:crypto';
import { request } from 'node:http';
import { GATEWAY_PROBE_PORT, GATEWAY_SELECTOR } from '../../api/gateway-protocol.ts';
import { makeToken } from '../../api/pod-token.ts';
import type { KubeClient } from '../../kube/client.ts';
import { Informer } from '../../kube/informer.ts';
import { pause } from '../../kube/pause.ts';
import { PODS, type Pod } from '../../kube/resources.ts';

/** What gateways tell continuously: lines of JSON, in an answer that does not end (gateway-protocol.ts). */
export interface GatewayStream {
  readonly path: string;
  /** A gateway that says nothing for this long is asked anew, in milliseconds. */
  readonly silentMs: number;
  /** A gateway has said something. False: it is no line of this stream, and the gateway is asked anew. */
  line(podUID: string, line: string): boolean;
  /** The answer of a gateway has ended. It is asked anew, unless its pod is gone. */
  ended(podUID: string): void;
}

export interface GatewayPodsParts {
  readonly client: KubeClient;
  /** Namespace of the gateways: the operator's own. */
  readonly ownNamespace: string;
  /** The gateways' key, which the operator has created for them. */
  readonly privateKey: KeyObject;
  readonly onError: (error: unknown) => void;
}

const AGAIN_MS = 500;
/** Characters of a line: some thousands of runtimes, or of endpoints. */
const MAX_LINE = 1 << 20;

/** Listens to the pods of all gateways. */
export class GatewayPods {
  readonly #parts: GatewayPodsParts;
  /** Pods that run, by uid. */
  readonly #following = new Map<string, AbortController>();
  /** Pods that run or may run yet, once they have been listed. */
  readonly #known = new Set<string>();
  #isListed = false;

  constructor(parts: GatewayPodsParts) {
    this.#parts = parts;
  }

  /** Whether a pod of this uid will never run again. */
  isGone(podUID: string): boolean {
    return this.#isListed && !this.#known.has(podUID);
  }

  /** Listens until the signal is aborted. */
  async run(streams: readonly GatewayStream[], signal: AbortSignal): Promise<void> {
    const { client, ownNamespace, onError } = this.#parts;
    const stop = (uid: string): void => {
      this.#following.get(uid)?.abort();
      this.#following.delete(uid);
    };
    const gone = (uid: string): void => {
      this.#known.delete(uid);
      stop(uid);
    };
    const seen = ({ metadata: { uid = '' }, status }: Pod): void => {
      if (status?.phase === 'Succeeded' || status?.phase === 'Failed') gone(uid);
      else this.#known.add(uid);
      const isRunning = status?.phase === 'Running' && status.podIP !== undefined;
      if (!isRunning) stop(uid);
      if (!isRunning || this.#following.has(uid)) return;
      const own = new AbortController();
      this.#following.set(uid, own);
      const either = AbortSignal.any([own.signal, signal]);
      for (const stream of streams) void this.#follow(stream, uid, status.podIP ?? '', either);
    };
    const pods = new Informer<Pod>({
      client,
      resource: PODS,
      namespaces: [ownNamespace],
      labelSelector: GATEWAY_SELECTOR,
      transform: (pod) => pod,
      onError,
    });
    pods.handle({ added: seen, updated: seen, deleted: ({ metadata: { uid = '' } }) => gone(uid) });
    const listed = async (): Promise<void> => {
      await pods.whenSynced(signal).catch(() => {}); // it is aborted
      this.#isListed = !signal.aborted;
    };
    await Promise.all([pods.run(signal), listed()]);
    for (const uid of [...this.#following.keys()]) stop(uid);
  }

  async #follow(stream: GatewayStream, podUID: string, ip: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#listen(stream, podUID, ip, signal);
      stream.ended(podUID);
      await pause(AGAIN_MS, signal);
    }
  }

  /** Resolves when the gateway's answer ends, for whatever reason: it may have just started, or have ended. */
  #listen({ path, silentMs, line }: GatewayStream, podUID: string, ip: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const token = makeToken(this.#parts.privateKey, { podUID, epoch: 0, method: 'GET', path });
      const headers = { authorization: `Bearer ${token}` };
      const options = { host: ip, port: GATEWAY_PROBE_PORT, path, headers, timeout: silentMs, signal };
      const asking = request({ ...options, agent: false }, (answer) => {
        if (answer.statusCode !== 200) {
          asking.destroy();
          return;
        }
        answer.on('error', () => {}); // it is asked anew
        let partial = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = (partial + chunk).split('\n');
          partial = lines.pop() ?? '';
          const isRead = signal.aborted || lines.every((each) => line(podUID, each));
          if (partial.length > MAX_LINE || !isRead) asking.destroy();
        });
      });
      asking.on('timeout', () => asking.destroy());
      asking.on('error', () => {}); // it is asked anew
      asking.on('close', resolve);
      asking.end();
    });
  }
}
