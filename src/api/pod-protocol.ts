/**
 * The protocol of runtime pods, for the operator and for gateways: HTTP/1.1 with JSON bodies. Every request is signed
 * (pod-token.ts); every answer without success is a `Refusal`.
 *
 * | request | answers |
 * |---|---|
 * | `POST /v1/runs/{id}` RunRequest | 200 RunState finished, once the run has finished, whichever request started it |
 * | `GET /v1/runs/{id}` | 200 RunState, at once |
 * | `POST /v1/runs/{id}/cancel` | 202; the run finishes within a second and keeps its outcome |
 * | `DELETE /v1/runs/{id}` | 204: acknowledges that the outcome is recorded, so the pod can drop it; idempotent |
 * | `GET /v1/runs` | 200 UnacknowledgedRuns |
 * | `POST /v1/compilations` ScriptToCompile | 200 CompilationResult: compiles a script, and runs nothing |
 * | `GET /v1/stats` | 200 PodStats; a starting pod answers when it serves, or after a second |
 *
 * Gateways sign with a key of their own, and have paths of their own:
 *
 * | request | answers |
 * |---|---|
 * | `POST /v1/gateway/runs/{id}` RunRequest | 200 RunState finished, once. A disconnect cancels the run; nothing of it is kept |
 * | `POST /v1/gateway/requests/{id}` | a script answers an HTTP request: serve-protocol.ts |
 * | `GET /v1/gateway/stats` | 200 PodStats |
 * | `GET /v1/gateway/tools/{tenant}` | 200 PodToolTypes: what scripts of a tenant can call of `spec.tools` |
 *
 * A disconnect of the operator does not stop a run. A refusal (except InternalError) means that this request has started nothing;
 * 410 means that an earlier request has, and that its outcome is recorded.
 */

import type { FilledContext } from './defaults.ts';
import type { EnvVar } from './env.ts';
import type { JsonValue } from './json.ts';
import type { LimitValues } from './limits.ts';
import type { EndReason, ErrorType } from './outcome.ts';
import type { SpanRecord } from './span.ts';

/** Identifies one attempt of one run of one object: `uid.run.attempt`. */
export interface RunId {
  /** uid of the ScriptExecution. */
  readonly uid: string;
  /** Number of the run of the object, from 1. */
  readonly run: number;
  /** Number of the attempt of the run, from 1. */
  readonly attempt: number;
}

const RUN_ID = /^([0-9A-Za-z-]{1,64})\.([1-9]\d{0,9})\.([1-9]\d{0,5})$/;

export const formatRunId = ({ uid, run, attempt }: RunId): string => `${uid}.${run}.${attempt}`;

/** Parses a run id; returns undefined if it is invalid. */
export function parseRunId(text: string): RunId | undefined {
  const match = RUN_ID.exec(text);
  return match === null ? undefined : { uid: match[1] as string, run: Number(match[2]), attempt: Number(match[3]) };
}

/** `POST /v1/runs/{id}`: starts the run, or waits for the run that exists under this id (the body is then ignored). */
export interface RunRequest {
  /** A script of one file. Exactly one of `source` and `files` is set. */
  readonly source?: string;
  /** A script of several files, by name: it is the one called `name`. The operator read all of them at once. */
  readonly files?: Readonly<Record<string, string>>;
  /** Import map: names of `files` by the specifiers that stand for them. */
  readonly imports?: Readonly<Record<string, string>>;
  readonly language: 'JavaScript' | 'TypeScript';
  /** File name of the script, in errors and stacks. */
  readonly name: string;
  readonly params: JsonValue;
  readonly context: FilledContext;
  /** Variables of the script, laid over each other in this order; absent: none. Values of `valueFrom` are mounted into the pod. */
  readonly env?: readonly EnvVar[];
  /** Tenant whose state a sandbox may hold: `namespace/tenant.id`. */
  readonly tenantKey: string;
  readonly limits: Partial<LimitValues>;
  /** W3C trace context of the span that asks for the run; absent: it is in no trace. Its spans are in the outcome where it is sampled. */
  readonly traceparent?: string;
}

/**
 * Maximum size of a request's body in bytes: fits an escaped source of 256 KiB, or a program of 1 MiB that is mostly unescaped,
 * with params and context.
 */
export const MAX_REQUEST_BYTES = 3 << 20;

/** `POST /v1/compilations`: a script, as a RunRequest has it. */
export type ScriptToCompile = Pick<RunRequest, 'source' | 'files' | 'imports' | 'language' | 'name'>;

/** What compiling a script has given. */
export interface CompilationResult {
  /** Absent: it compiles. */
  readonly error?: Pick<NonNullable<RunOutcome['error']>, 'message' | 'file' | 'line' | 'column'>;
}

/** Maximum number of log lines in an outcome, the last ones: as many as `status.logs` holds. */
export const MAX_LOG_LINES = 1000;

/** The outcome of a run. Times are RFC 3339. */
export interface RunOutcome {
  readonly reason: EndReason;
  /** Absent if there is no result. */
  readonly result?: JsonValue;
  readonly error?: {
    readonly type: ErrorType;
    readonly message: string;
    /** The file of the script that line and column are of. */
    readonly file?: string;
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
    /** Absent where `fetch` was not called. */
    readonly fetches?: number;
    readonly fetchBytesSent?: number;
    readonly fetchBytesReceived?: number;
  };
  readonly startTime: string;
  readonly completionTime: string;
  /** Of the trace that the request names; absent where that is not sampled. */
  readonly spans?: readonly SpanRecord[];
}

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `GET /v1/runs/{id}` */
export type RunState = { readonly state: 'running' } | { readonly state: 'finished'; readonly outcome: RunOutcome };

/** Maximum number of ids in one answer to `GET /v1/runs`; the caller acknowledges them and asks again. */
export const MAX_LISTED_RUNS = 1000;

/** `GET /v1/runs`: ids of finished runs that are not acknowledged, oldest first, at most `MAX_LISTED_RUNS`. */
export interface UnacknowledgedRuns {
  readonly runs: readonly string[];
}

/** `GET /v1/stats` */
/** Which lines of containment hold around a pod's sandbox processes. */
export interface PodContainment {
  /** `Unknown` until its first sandbox process has been started. */
  readonly seccomp: 'Active' | 'Inactive' | 'Unknown';
  /** Node's permission model. */
  readonly permissionModel: 'Active';
  /** Why the filter is not active. */
  readonly reason?: string;
}

/** The values of Secrets and ConfigMaps that are mounted into a pod. */
export interface PodValues {
  /** Digest of the references that it was started with: `referencesDigest(valueReferences(spec))`. */
  readonly digest: string;
  /** Those that do not exist, by their position in `valueReferences(spec)`. */
  readonly missing: readonly number[];
}

/** An entry of `spec.tools` that a pod cannot load. */
export interface PodToolProblem {
  readonly name: string;
  readonly message: string;
}

/** Maximum number of problems of tools, and length of a message. */
export const MAX_TOOL_PROBLEMS = 16;
export const MAX_TOOL_MESSAGE = 300;

/** `GET /v1/gateway/tools/{tenant}` */
export interface PodToolTypes {
  /** TypeScript declarations; empty: there are no tools. */
  readonly types: string;
}

/** Maximum length of the declarations, in UTF-16 units. */
export const MAX_TOOL_TYPES = 64 << 10;

export interface PodStats {
  readonly bootID: string;
  /** Draining: accepts no new runs. */
  readonly draining: boolean;
  readonly ready: boolean;
  /** Maximum number of concurrent runs: its VMs, once all exist. */
  readonly capacity: number;
  /** The most that a run may use: the limits of its runtime when it started. */
  readonly limits: LimitValues;
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
  /** Absent: a pod of an earlier version does not report it. */
  readonly containment?: PodContainment;
  /** Absent: no values are mounted into the pod. */
  readonly values?: PodValues;
  /** The tools that it could not load the last time. Absent: none. */
  readonly tools?: readonly PodToolProblem[];
  /** Outcomes that are not acknowledged. */
  readonly unacknowledged: number;
}

/** Why a pod refuses a request. */
export type RefusalCode =
  | 'BadRequest'
  | 'Unauthenticated'
  | 'UnknownRun'
  | 'StillRunning'
  /** The run is finished and its outcome is acknowledged. */
  | 'Acknowledged'
  /** The request names another boot of this pod. */
  | 'OtherBoot'
  /** A newer leader has sent a request. */
  | 'StaleEpoch'
  | 'TooLarge'
  /** This pod was started with lower limits, or for other tenants, than the run is promised: a newer pod may accept it. */
  | 'Unsuitable'
  /** A request for an endpoint is not authenticated by its Secret. */
  | 'Denied'
  /** A webhook has been delivered already. */
  | 'Replayed'
  /** The Secret of an endpoint does not exist, or lacks the key. */
  | 'SecretNotFound'
  /** No free slot. */
  | 'Busy'
  /** No VM has been ready yet. */
  | 'NotReady'
  /** The pod is shutting down. */
  | 'Draining'
  /** A bug of the pod: whether the request took effect is unknown. */
  | 'InternalError';

/** HTTP status of each refusal. */
export const REFUSAL_STATUS: Readonly<Record<RefusalCode, number>> = {
  BadRequest: 400,
  Unauthenticated: 401,
  Denied: 403,
  UnknownRun: 404,
  StaleEpoch: 409,
  StillRunning: 409,
  Replayed: 409,
  Acknowledged: 410,
  OtherBoot: 412,
  TooLarge: 413,
  Unsuitable: 422,
  SecretNotFound: 424,
  Busy: 429,
  InternalError: 500,
  NotReady: 503,
  Draining: 503,
};

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** The pod's boot id, which shows a restart to the caller. */
  readonly bootID: string;
  /** With StaleEpoch: the newest epoch the pod has seen. */
  readonly epoch?: number;
}

/**
 * Claims of the token that signs a request (EdDSA, `Authorization: Bearer`), besides `aud` (the pod's uid), `iat`,
 * `exp` (at most 30 s) and `jti`, which is valid once.
 */
export interface RequestClaims {
  /** Boot id of the pod. Only a GET may omit it: any boot may answer. */
  readonly boot?: string;
  /** Epoch of the leader: the Lease's `leaseTransitions`. 0 of a gateway, as all gateways are equal. */
  readonly epoch: number;
  /** `METHOD /path`. */
  readonly req: string;
  /** SHA-256 of the body, base64url; of the empty string without a body. */
  readonly body: string;
}

export const MAX_TOKEN_AGE_S = 30;

/**
 * Maximum clock skew between operator and pod. Synchronized clocks differ by milliseconds; those of a node that has
 * just booted, or a laptop that has just resumed, by seconds.
 */
export const MAX_CLOCK_SKEW_S = 10;
