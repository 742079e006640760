/**
 * What a gateway tells the operator, on the gateway's port of probes. Requests are signed with the gateways' key (pod-token.ts)
 * for the uid of the gateway's pod. The answers do not end, and are lines of JSON:
 *
 * - `GET /v1/demand`, for the autoscaler: a `GatewayDemandLine` once a second, and at once when the first request waits for a runtime.
 * - `GET /v1/invocations`, for the statuses of endpoints: first all counts, then every 5 s those that have changed, in one or more
 *   `GatewayInvocations`. Counts are of the whole life of the gateway's process, so that a line that is lost or comes twice does no harm.
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

export const INVOCATIONS_PATH = '/v1/invocations';

/** Time between two reports of changed counts. */
export const INVOCATIONS_EVERY_MS = 5000;

/** How requests for endpoints end. */
export const INVOCATION_OUTCOMES = ['succeeded', 'failed', 'cancelled', 'refused'] as const;
export type InvocationOutcome = (typeof INVOCATION_OUTCOMES)[number];

/** Requests for one endpoint since a gateway's process started. */
export interface InvocationCounts extends Readonly<Record<InvocationOutcome, number>> {
  /** Uid of the endpoint. */
  readonly uid: string;
  /** When the last one ended that was not refused, in milliseconds since the epoch; 0: none. */
  readonly lastTime: number;
}

export interface GatewayInvocations {
  /** Names the process: a container that restarts counts from zero. */
  readonly bootID: string;
  /** By the key of the ScriptEndpoint, `namespace/name`. */
  readonly endpoints: Readonly<Record<string, InvocationCounts>>;
}

const MAX_UID = 64;
/** The end of the year 9999. */
const MAX_TIME = Date.UTC(9999, 11, 31);

/** Parses a line; undefined if it is not one. */
export function parseInvocations(line: string): GatewayInvocations | undefined {
  try {
    const { bootID, endpoints } = JSON.parse(line) as Partial<GatewayInvocations>;
    if (!isID(bootID) || endpoints === null || typeof endpoints !== 'object') return undefined;
    const isValid = Object.values(endpoints).every((each: unknown) => {
      const counts = (each ?? {}) as Partial<InvocationCounts>;
      const isTime = isCount(counts.lastTime) && counts.lastTime <= MAX_TIME;
      return isID(counts.uid) && isTime && INVOCATION_OUTCOMES.every((outcome) => isCount(counts[outcome]));
    });
    return isValid ? { bootID, endpoints } : undefined;
  } catch {
    return undefined;
  }
}

const isID = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= MAX_UID;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
