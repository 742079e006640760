import { DEMAND_EVERY_MS, DEMAND_PATH, type GatewayDemandLine, parseDemand } from '../../api/gateway-protocol.ts';
import type { GatewayStream } from './gateway-pods.ts';

/** What all gateways run, and what waits there: each tells it continuously, for the autoscaler. */
export class GatewayDemand {
  /** The last line of each gateway, by the uid of its pod. */
  readonly #told = new Map<string, GatewayDemandLine>();

  /** Requests on pods of a runtime. */
  inFlight(runtime: string): number {
    return this.#sum(runtime, 'inFlight');
  }

  /** Requests that wait for a pod of a runtime. */
  waiting(runtime: string): number {
    return this.#sum(runtime, 'waiting');
  }

  /**
   * The stream of reports that it reads. A gateway's report is dropped when its answer ends.
   * @param onWaiting requests wait for pods of a runtime
   */
  stream(onWaiting: (runtime: string) => void): GatewayStream {
    return {
      path: DEMAND_PATH,
      silentMs: 5 * DEMAND_EVERY_MS,
      line: (podUID, text) => {
        const line = parseDemand(text);
        if (line === undefined) return false;
        this.#told.set(podUID, line);
        for (const [runtime, { waiting }] of Object.entries(line)) if (waiting > 0) onWaiting(runtime);
        return true;
      },
      ended: (podUID) => {
        this.#told.delete(podUID);
      },
    };
  }

  #sum(runtime: string, what: 'inFlight' | 'waiting'): number {
    let sum = 0;
    for (const line of this.#told.values()) if (Object.hasOwn(line, runtime)) sum += line[runtime]?.[what] ?? 0;
    return sum;
  }
}
