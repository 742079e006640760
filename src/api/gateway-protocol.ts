/**
 * What a gateway tells the operator, for its autoscaler: `GET /v1/demand` on the gateway's port of probes. The request is
 * signed with the gateways' key (pod-token.ts) for the uid of the gateway's pod. The answer does not end: it is a line of JSON, a
 * `GatewayDemand`, once a second, and at once when the first request waits for a runtime.
 */

/** Port of probes, metrics and demand in a gateway's pod. */
export const GATEWAY_PROBE_PORT = 8081;

/** Selects the pods of gateways. */
export const GATEWAY_SELECTOR = 'app.kubernetes.io/name=copepod,app.kubernetes.io/component=gateway';

export const DEMAND_PATH = '/v1/demand';

/** How often demand is told where nothing changes from zero. */
export const DEMAND_EVERY_MS = 1000;

/** Requests of one runtime at one gateway. */
export interface RuntimeDemand {
  /** On pods. */
  readonly inFlight: number;
  /** Waiting for a pod. */
  readonly waiting: number;
}

/** By the key of the ScriptRuntime, `namespace/name`; runtimes without requests are left out. */
export type GatewayDemandLine = Readonly<Record<string, RuntimeDemand>>;

/** Parses a line; undefined if it is not one. */
export function parseDemand(line: string): GatewayDemandLine | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    const isValid = Object.values(value).every((each) => {
      const { inFlight, waiting } = (each ?? {}) as Partial<RuntimeDemand>;
      return isCount(inFlight) && isCount(waiting);
    });
    return isValid ? (value as GatewayDemandLine) : undefined;
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
