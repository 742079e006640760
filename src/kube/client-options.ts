import type { RetryOptions } from './retry.ts';

/** Options of any request. */
export interface CallOptions {
  /** Aborts the request; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline of each attempt, from its start to the last byte. Defaults to the client's. */
  readonly timeoutMs?: number | undefined;
  /** False: a single attempt, sent at once; the caller handles `Retry-After` itself. */
  readonly retry?: boolean | undefined;
}

export interface SubresourceOptions {
  /** `status`, `scale`, ... */
  readonly subresource?: string | undefined;
}

/** Selects objects of a kind. */
export interface Selection {
  /** Defaults to all namespaces. */
  readonly namespace?: string | undefined;
  /** Same syntax as `kubectl -l`: `app=web,tier!=cache`. */
  readonly labelSelector?: string | undefined;
  /** Same syntax as `kubectl --field-selector`. */
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions<T, U = T> extends CallOptions, Selection {
  /** Objects per page; 0 requests all in one answer. Default 500. */
  readonly pageSize?: number;
  /** Maps each object as its page arrives, so that a long list is never in memory whole. */
  readonly map?: (object: T) => U;
}

export interface ListResult<T> {
  readonly items: T[];
  /** The resource version a watch continues from. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  readonly signal?: AbortSignal | undefined;
  /** The server ends the watch after this time. Default: a random time between 5 and 10 minutes. */
  readonly timeoutSeconds?: number;
  /** Aborts the watch after this long without data. Default 150 s: bookmarks arrive every minute. */
  readonly idleTimeoutMs?: number;
}

export interface PodLogOptions {
  readonly container: string;
  /** Goes on with new lines until the container ends. */
  readonly follow?: boolean;
  /** RFC 3339, with a precision of seconds. */
  readonly sinceTime?: string;
  readonly signal: AbortSignal;
}

export interface ApplyOptions extends CallOptions, SubresourceOptions {
  /** The field manager that owns the applied fields. */
  readonly fieldManager: string;
  /** Takes over fields that other managers own; otherwise they are a conflict. Default false. */
  readonly force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  /** Precondition: deletes the object only if it has this uid; another uid is a conflict. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** Deletion propagation to dependents. Defaults to the kind's own. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** One attempt of a request, for metrics. */
export interface RequestRecord {
  /** Verb as in RBAC and the API server's metrics: get, list, watch, create, update, patch, delete. */
  readonly verb: string;
  /** Resource and subresource: `pods`, `pods/status`. */
  readonly resource: string;
  /** HTTP status code, or `<error>` if no answer arrived. */
  readonly code: string;
  /** Time to the end of the answer; for a watch, to its start. */
  readonly durationMs: number;
  /** For a retry: the code of the attempt before. */
  readonly retryAfterCode: string | undefined;
  /** The additional time for which the server asks to send no requests. */
  readonly throttledMs: number;
}

export interface WriteGuard {
  /** Called before each attempt of a write; throws if writing is not allowed, or no longer. */
  readonly assertHeld: () => void;
  /** Aborts all requests in flight, reads included: their answers must not be acted on. */
  readonly lost: AbortSignal;
}

export interface ClientOptions {
  readonly userAgent?: string;
  /** Default deadline of a request. Default 30 s. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryOptions>;
  /** Called after each attempt of each request. Must not throw. */
  readonly onRequest?: (request: RequestRecord) => void;
}
