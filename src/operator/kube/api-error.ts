/** One of the causes that the API server names in `details`. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** What a refusal is about, where the API server says so. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The JSON of a metav1.Status, as far as it is read. */
export interface StatusBody {
  kind?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: StatusDetails;
}

/** The API server answered, and refused. `message` is what kubectl shows a person. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status: 409. */
  readonly status: number;
  /** The word for machines: `Conflict`, `AlreadyExists`. Empty where the answer was no Kubernetes Status. */
  readonly reason: string;
  readonly details: StatusDetails;
  /** How long the server asks to stay away, where it does. */
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

/** No answer came. A write may have been done all the same, unless `neverSent`. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** `ETIMEDOUT`, `ECONNREFUSED`, ... */
  readonly code: string;
  /** The server certainly has not acted on the request. */
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

/** The refusal in an HTTP answer: a Kubernetes Status, or whatever text something on the way has sent. */
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

/** There is no such object (or no such kind). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The object has changed since it was read, or its uid is another, or a field belongs to another manager. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}

/** An object of this name exists. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

/** The resource version, or the page, is too old for the server to go on from: list again. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired');
}

/** Refused for now, and not done. */
export function isTooManyRequests(error: unknown): boolean {
  return error instanceof ApiError && error.status === 429;
}

/** The longest that a server is obeyed: whoever asks for more is asked again. */
const MAX_RETRY_AFTER_MS = 60_000;

/** How long the server asks to stay away with this answer, in milliseconds, a minute at most; 0: it does not. */
export function retryAfterMs(error: unknown): number {
  return error instanceof ApiError ? Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) : 0;
}

/** The object, or its change, breaks a rule: trying again as it is cannot help. */
export function isInvalid(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 422 || error.status === 400);
}

/** Not allowed: by RBAC, a quota or an admission rule (`message` says which). */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Nothing came in time, from the server or from what is behind it. */
export function isTimeout(error: unknown): boolean {
  if (error instanceof TransportError) return error.code === 'ETIMEDOUT';
  return error instanceof ApiError && (error.status === 504 || error.reason === 'Timeout');
}

/** The same request may well succeed later. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof TransportError || (error instanceof ApiError && (error.status === 429 || error.status >= 500))
  );
}

/** Whether a write that failed with this error may have been done: then only a read can tell. */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof TransportError) return !error.neverSent;
  return error instanceof ApiError && error.status >= 500;
}
