import type { RetryOptions } from './retry.ts';

/** Of any request. */
export interface CallOptions {
  /** Ends the request; its reason is what is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** For each try, from the start to the last byte. The client's own where left out. */
  readonly timeoutMs?: number | undefined;
  /** False: one try only, at once, whatever happens: the caller waits by itself where the server asks to stay away. */
  readonly retry?: boolean | undefined;
}

export interface SubresourceOptions {
  /** `status`, `scale`, ... */
  readonly subresource?: string | undefined;
}

/** Which objects of a kind. */
export interface Selection {
  /** All namespaces where left out. */
  readonly namespace?: string | undefined;
  /** As `kubectl -l`: `app=web,tier!=cache`. */
  readonly labelSelector?: string | undefined;
  /** As `kubectl --field-selector`. */
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions<T, U = T> extends CallOptions, Selection {
  /** Objects a page; 0 asks for all at once. 500 where left out. */
  readonly pageSize?: number;
  /** What to keep of each object, called as its page arrives: a long list need not be in memory whole. */
  readonly map?: (object: T) => U;
}

export interface ListResult<T> {
  readonly items: T[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  readonly signal?: AbortSignal | undefined;
  /** The server ends the watch after this time. 5 to 10 minutes, at random, where left out. */
  readonly timeoutSeconds?: number;
  /** Given up when nothing arrives for so long. 150 s where left out: bookmarks come every minute. */
  readonly idleTimeoutMs?: number;
}

export interface ApplyOptions extends CallOptions, SubresourceOptions {
  /** Who owns the fields. */
  readonly fieldManager: string;
  /** Takes fields that others own, instead of failing with a conflict. False where left out. */
  readonly force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  /** Delete this very object only; another uid is a conflict. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** What becomes of what the object owns. The kind's default where left out. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

/** RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** A request that was sent, for metrics. */
export interface RequestRecord {
  /** As in the API server's own metrics and in RBAC: get, list, watch, create, update, patch, delete. */
  readonly verb: string;
  /** `pods`, `pods/status`. */
  readonly resource: string;
  /** The HTTP status, or `<error>` where no answer came. */
  readonly code: string;
  /** To the end of the answer; of a watch, to its beginning. */
  readonly durationMs: number;
  /** Where it was a later try: the code of the one before. */
  readonly retryAfterCode: string | undefined;
  /** For how much longer than before the server asks to stay away. */
  readonly throttledMs: number;
}

export interface WriteGuard {
  /** Asked before every try of a write; throws where writing is not allowed (any more). */
  readonly assertHeld: () => void;
  /** Ends every request that is under way, reads too: nobody may act on its answer. */
  readonly lost: AbortSignal;
}

export interface ClientOptions {
  readonly userAgent?: string;
  /** Of requests that name none. 30 s where left out. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryOptions>;
  /** Told of every try of every request. Must not throw. */
  readonly onRequest?: (request: RequestRecord) => void;
}
