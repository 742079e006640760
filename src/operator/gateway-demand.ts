import type { KeyObject } from 'node:crypto';
import { request } from 'node:http';
import {
  DEMAND_EVERY_MS,
  DEMAND_PATH,
  GATEWAY_PROBE_PORT,
  GATEWAY_SELECTOR,
  type GatewayDemandLine,
  parseDemand,
} from '../api/gateway-protocol.ts';
import { makeToken } from '../api/pod-token.ts';
import type { KubeClient } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import { pause } from '../kube/pause.ts';
import { PODS, type Pod } from '../kube/resources.ts';

export interface GatewayDemandParts {
  readonly client: KubeClient;
  /** Namespace of the gateways: the operator's own. */
  readonly ownNamespace: string;
  /** The gateways' key, which the operator has created for them. */
  readonly privateKey: KeyObject;
  readonly onError: (error: unknown) => void;
}

/** A gateway that says nothing for this long is asked anew, and what it said is forgotten. */
const SILENT_MS = 5 * DEMAND_EVERY_MS;
const AGAIN_MS = 500;
/** Characters of a line: some thousands of runtimes. */
const MAX_LINE = 1 << 20;

/** What all gateways run, and what waits there: each tells it continuously, for the autoscaler. */
export class GatewayDemand {
  readonly #parts: GatewayDemandParts;
  /** The last line of each gateway, by the uid of its pod. */
  readonly #told = new Map<string, GatewayDemandLine>();

  constructor(parts: GatewayDemandParts) {
    this.#parts = parts;
  }

  /** Requests on pods of a runtime. */
  inFlight(runtime: string): number {
    return this.#sum(runtime, 'inFlight');
  }

  /** Requests that wait for a pod of a runtime. */
  waiting(runtime: string): number {
    return this.#sum(runtime, 'waiting');
  }

  /**
   * Listens to all gateways until the signal is aborted.
   * @param onWaiting requests wait for pods of a runtime
   */
  async run(onWaiting: (runtime: string) => void, signal: AbortSignal): Promise<void> {
    const { client, ownNamespace, onError } = this.#parts;
    const following = new Map<string, AbortController>();
    const stop = (uid: string): void => {
      following.get(uid)?.abort();
      following.delete(uid);
      this.#told.delete(uid);
    };
    const seen = ({ metadata: { uid = '' }, status }: Pod): void => {
      const isRunning = status?.phase === 'Running' && status.podIP !== undefined;
      if (!isRunning) stop(uid);
      if (!isRunning || following.has(uid)) return;
      const own = new AbortController();
      following.set(uid, own);
      void this.#follow(uid, status.podIP ?? '', onWaiting, AbortSignal.any([own.signal, signal]));
    };
    const pods = new Informer<Pod>({
      client,
      resource: PODS,
      namespaces: [ownNamespace],
      labelSelector: GATEWAY_SELECTOR,
      transform: (pod) => pod,
      onError,
    });
    pods.handle({ added: seen, updated: seen, deleted: ({ metadata: { uid = '' } }) => stop(uid) });
    await pods.run(signal);
    for (const uid of [...following.keys()]) stop(uid);
  }

  #sum(runtime: string, what: 'inFlight' | 'waiting'): number {
    let sum = 0;
    for (const line of this.#told.values()) if (Object.hasOwn(line, runtime)) sum += line[runtime]?.[what] ?? 0;
    return sum;
  }

  async #follow(uid: string, ip: string, onWaiting: (runtime: string) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#listen(uid, ip, signal, (line) => {
        this.#told.set(uid, line);
        for (const [runtime, { waiting }] of Object.entries(line)) if (waiting > 0) onWaiting(runtime);
      });
      this.#told.delete(uid);
      await pause(AGAIN_MS, signal);
    }
  }

  /** Resolves when the gateway's answer ends, for whatever reason: it may have just started, or have ended. */
  #listen(uid: string, ip: string, signal: AbortSignal, onLine: (line: GatewayDemandLine) => void): Promise<void> {
    return new Promise((resolve) => {
      const token = makeToken(this.#parts.privateKey, { podUID: uid, epoch: 0, method: 'GET', path: DEMAND_PATH });
      const headers = { authorization: `Bearer ${token}` };
      const options = { host: ip, port: GATEWAY_PROBE_PORT, path: DEMAND_PATH, headers, timeout: SILENT_MS, signal };
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
          const parsed = lines.map(parseDemand);
          if (partial.length > MAX_LINE || parsed.includes(undefined)) asking.destroy();
          else if (!signal.aborted) for (const line of parsed) onLine(line as GatewayDemandLine);
        });
      });
      asking.on('timeout', () => asking.destroy());
      asking.on('error', () => {}); // it is asked anew
      asking.on('close', resolve);
      asking.end();
    });
  }
}
