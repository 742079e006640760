/**
 * What the operator and a runtime pod say to each other, over HTTP/1.1 with JSON bodies. Every request is signed
 * (pod-token.ts), every answer that is no success is a `Refusal`.
 *
 * | request | answers |
 * |---|---|
 * | `POST /v1/runs/{id}` RunRequest | 200 RunState finished, when the run has ended: started by this request or before |
 * | `GET /v1/runs/{id}` | 200 RunState, at once |
 * | `POST /v1/runs/{id}/cancel` | 202; the run ends within a second, and its outcome waits to be taken |
 * | `DELETE /v1/runs/{id}` | 204: the outcome is recorded elsewhere and can be forgotten; saying so again changes nothing |
 * | `GET /v1/runs` | 200 UnacknowledgedRuns |
 * | `GET /v1/stats` | 200 PodStats; of a pod that starts, when it serves or a second is over |
 *
 * A client that goes away ends nothing. Whoever sends a run and gets a refusal knows that this request has started
 * nothing (all but InternalError); with 410 an earlier one has, and its outcome is recorded.
 */
import type { FilledContext } from './defaults.ts';
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

/** `POST /v1/runs/{id}`: run this, or wait for what that id already runs (the body then counts for nothing). */
export interface RunRequest {
  readonly source: string;
  readonly language: 'JavaScript' | 'TypeScript';
  /** File name for errors and stacks. */
  readonly name: string;
  readonly params: JsonValue;
  readonly context: FilledContext;
  /** Whose state a sandbox may hold: `namespace/tenant.id`. */
  readonly tenantKey: string;
  readonly limits: Partial<LimitValues>;
}

/** Bytes of a request's body. A source of 256 KiB, escaped, with params and context fits in. */
export const MAX_REQUEST_BYTES = 2 << 20;

/** Lines of log that an outcome keeps, the last ones: as many as `status.logs` holds. */
export const MAX_LOG_LINES = 1000;

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

/** Ids in one answer to `GET /v1/runs`; whoever acknowledges them asks again. */
export const MAX_LISTED_RUNS = 1000;

/** `GET /v1/runs`: the ids of runs that have ended and are not acknowledged, oldest first, the first `MAX_LISTED_RUNS`. */
export interface UnacknowledgedRuns {
  readonly runs: readonly string[];
}

/** `GET /v1/stats` */
export interface PodStats {
  readonly bootID: string;
  /** Draining: takes no new runs. */
  readonly draining: boolean;
  readonly ready: boolean;
  /** Runs that it executes at once: its VMs, once all are there. */
  readonly capacity: number;
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
  /** No room. */
  | 'Busy'
  /** No VM has ever been warm. */
  | 'NotReady'
  /** The pod is going away. */
  | 'Draining'
  /** A bug of the pod: what it has done has to be asked. */
  | 'InternalError';

/** HTTP status of each refusal. */
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
  InternalError: 500,
  NotReady: 503,
  Draining: 503,
};

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** The pod's boot id, so that a caller learns of a restart. */
  readonly bootID: string;
  /** With StaleEpoch: the newest epoch that the pod has heard of. */
  readonly epoch?: number;
}

/**
 * Claims of the token that signs a request (EdDSA, `Authorization: Bearer`), beside `aud` (the pod's uid), `iat`, `exp`
 * (30 s at most) and `jti`, which serves once.
 */
export interface RequestClaims {
  /** The life of the pod that is meant. Only a GET may leave it out: any life may answer. */
  readonly boot?: string;
  /** Which leader speaks: the Lease's `leaseTransitions`. */
  readonly epoch: number;
  /** `METHOD /path`. */
  readonly req: string;
  /** SHA-256 of the body, base64url; of nothing where there is none. */
  readonly body: string;
}

export const MAX_TOKEN_AGE_S = 30;

/**
 * How far the clocks of operator and pod may be apart. Clocks that are kept in step differ by milliseconds; a node that
 * has just started, or a laptop that has just woken, by some seconds.
 */
export const MAX_CLOCK_SKEW_S = 10;
