/** What the operator and a runtime pod say to each other, over HTTP with JSON bodies. */
import type { JsonValue } from './json.ts';
import type { LimitValues } from './limits.ts';
import type { EndReason, ErrorType } from './outcome.ts';

/** Names one try of one run of one object: `uid.run.attempt`. */
export interface RunId {
  /** uid of the ScriptExecution. */
  readonly uid: string;
  /** Counts the runs of the object, from 1. */
  readonly run: number;
  /** Counts the tries of the run, from 1. */
  readonly attempt: number;
}

const RUN_ID = /^([0-9A-Za-z-]{1,64})\.([1-9]\d{0,9})\.([1-9]\d{0,5})$/;

export const formatRunId = ({ uid, run, attempt }: RunId): string => `${uid}.${run}.${attempt}`;

/** Reads a run id; undefined if it is none. */
export function parseRunId(text: string): RunId | undefined {
  const match = RUN_ID.exec(text);
  return match === null ? undefined : { uid: match[1] as string, run: Number(match[2]), attempt: Number(match[3]) };
}

/** `POST /v1/runs/{id}`: run this, or wait for what that id already runs. */
export interface RunRequest {
  readonly source: string;
  readonly language: 'JavaScript' | 'TypeScript';
  /** File name for errors and stacks. */
  readonly name: string;
  readonly params: JsonValue;
  readonly context: {
    readonly tenant: { readonly id: string; readonly name: string };
    readonly user: { readonly id: string; readonly email: string; readonly permissions: readonly string[] };
    readonly execution: {
      readonly id: string;
      readonly type: 'cron' | 'http' | 'one_off' | 'embedded';
      readonly triggeredBy: 'user' | 'system' | 'api';
    };
    readonly requestID: string;
  };
  /** Whose state a sandbox may hold: `namespace/tenant.id`. */
  readonly tenantKey: string;
  readonly limits: Partial<LimitValues>;
}

/** How a run ended. Times are RFC 3339. */
export interface RunOutcome {
  readonly reason: EndReason;
  /** Absent: no result. */
  readonly result?: JsonValue;
  readonly error?: {
    readonly type: ErrorType;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
    readonly retryable: boolean;
  };
  readonly logs: readonly { readonly time: string; readonly level: LogLevel; readonly message: string }[];
  readonly usage: {
    readonly cpuMilliseconds: number;
    readonly wallMilliseconds: number;
    readonly peakHeapBytes: number;
    readonly apiCalls: number;
  };
  readonly startTime: string;
  readonly completionTime: string;
}

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `GET /v1/runs/{id}` */
export type RunState = { readonly state: 'running' } | { readonly state: 'finished'; readonly outcome: RunOutcome };

/** `GET /v1/stats` */
export interface PodStats {
  readonly bootID: string;
  /** Draining: takes no new runs. */
  readonly draining: boolean;
  readonly ready: boolean;
  readonly executions: {
    readonly total: number;
    readonly succeeded: number;
    readonly errors: number;
    readonly timeouts: number;
    readonly running: number;
    readonly pending: number;
  };
  readonly pool: {
    readonly size: number;
    readonly idle: number;
    readonly busy: number;
    readonly created: number;
    readonly destroyed: number;
  };
  readonly compilation: { readonly size: number; readonly hits: number; readonly misses: number };
  /** Outcomes that nobody has acknowledged. */
  readonly unacknowledged: number;
}

/** Why a pod refuses a request. */
export type RefusalCode =
  | 'BadRequest'
  | 'Unauthenticated'
  | 'UnknownRun'
  | 'StillRunning'
  /** The run is finished and acknowledged: somebody has recorded it. */
  | 'Acknowledged'
  /** The request is meant for another life of this pod. */
  | 'OtherBoot'
  /** A newer leader has spoken. */
  | 'StaleEpoch'
  | 'TooLarge'
  /** Nothing was started: no room. */
  | 'Busy'
  /** Nothing was started: the pod is going away. */
  | 'Draining';

/** HTTP status of each refusal; `Busy` and `Draining` are definite: nothing was started. */
export const REFUSAL_STATUS: Readonly<Record<RefusalCode, number>> = {
  BadRequest: 400,
  Unauthenticated: 401,
  UnknownRun: 404,
  StaleEpoch: 409,
  StillRunning: 409,
  Acknowledged: 410,
  OtherBoot: 412,
  TooLarge: 413,
  Busy: 429,
  Draining: 503,
};

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** The pod's boot id, so that a caller learns of a restart. */
  readonly bootID: string;
}

/**
 * Claims of the token that signs a request (EdDSA, `Authorization: Bearer`), beside `iat`, `exp` (30 s at most) and
 * `jti`, which serves once. The audience `aud` is the pod's uid.
 */
export interface RequestClaims {
  /** The life of the pod that is meant; left out for reads that any life may answer. */
  readonly boot?: string;
  /** Which leader speaks: the Lease's `leaseTransitions`. */
  readonly epoch: number;
  /** `METHOD /path`. */
  readonly req: string;
  /** SHA-256 of the body, base64url; of nothing where there is none. */
  readonly body: string;
}

export const MAX_TOKEN_AGE_S = 30;
