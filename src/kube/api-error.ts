/** One entry of `details.causes` in a metav1.Status. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The object a refusal is about, where the API server names it. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The JSON of a metav1.Status: the fields that are read. */
export interface StatusBody {
  kind?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: StatusDetails;
}

/** The API server answered with an error status. `message` is the text kubectl shows. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status code, for example 409. */
  readonly status: number;
  /** Machine-readable reason: `Conflict`, `AlreadyExists`. Empty if the answer was not a Kubernetes Status. */
  readonly reason: string;
  readonly details: StatusDetails;
  /** The delay of `Retry-After`, in milliseconds, if the server sent one. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, body: StatusBody, retryAfterMs?: number) {
    super(body.message || `the API server answered ${status}`);
    this.status = status;
    this.reason = body.reason ?? '';
    this.details = body.details ?? {};
    const { retryAfterSeconds } = this.details;
    this.retryAfterMs = retryAfterMs ?? (retryAfterSeconds ? retryAfterSeconds * 1000 : undefined);
  }
}

/** No answer arrived. A write may still have taken effect, unless `neverSent` is true. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** `ETIMEDOUT`, `ECONNREFUSED`, ... */
  readonly code: string;
  /** True if the server cannot have acted on the request. */
  readonly neverSent: boolean;

  constructor(
    message: string,
    code: string,
    { neverSent = false, cause }: { neverSent?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.neverSent = neverSent;
  }
}

/** The error of an HTTP answer: a Kubernetes Status, or the first 200 characters of any other text. */
export function apiError(status: number, text: string, retryAfterHeader: string | undefined): ApiError {
  const seconds = Number(retryAfterHeader);
  const retryAfterMs = retryAfterHeader && Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : undefined;
  return new ApiError(status, statusBody(text) ?? { message: text.trim().slice(0, 200) }, retryAfterMs);
}

function statusBody(text: string): StatusBody | undefined {
  try {
    const body = JSON.parse(text) as StatusBody | null;
    return body?.kind === 'Status' ? body : undefined;
  } catch {
    return undefined;
  }
}

/** The object, or its kind, does not exist (404). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The object changed since it was read, its uid differs, or another manager owns a field (409). */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}

/** An object of this name already exists (409). */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

/** The resource version or continue token has expired: list again (410). */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired');
}

/** The server throttled the request and did not execute it (429). */
export function isTooManyRequests(error: unknown): boolean {
  return error instanceof ApiError && error.status === 429;
}

/** Upper bound on an accepted `Retry-After`: a longer delay is cut to this and the request is retried. */
const MAX_RETRY_AFTER_MS = 60_000;

/** The `Retry-After` of an error in milliseconds, at most one minute; 0 if there is none. */
export function retryAfterMs(error: unknown): number {
  return error instanceof ApiError ? Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) : 0;
}

/** The object or patch violates a validation rule (422): a retry of the same request fails again. */
export function isInvalid(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 422 || error.status === 400);
}

/** Refused by RBAC, a quota or an admission rule; `message` says which. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** The server, or its backend, did not answer in time. */
export function isTimeout(error: unknown): boolean {
  if (error instanceof TransportError) return error.code === 'ETIMEDOUT';
  return error instanceof ApiError && (error.status === 504 || error.reason === 'Timeout');
}

/** The same request may succeed later. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof TransportError || (error instanceof ApiError && (error.status === 429 || error.status >= 500))
  );
}

/** Whether a write that failed with this error may have taken effect: only a read can tell. */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof TransportError) return !error.neverSent;
  return error instanceof ApiError && error.status >= 500;
}
