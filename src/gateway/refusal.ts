import type { FieldError } from '../api/field-path.ts';

/** Reasons as metav1.Status has them, and RequestTimeout, with their HTTP status. */
const CODES = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  Conflict: 409,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
} as const;

export type RefusalReason = keyof typeof CODES;

interface RefusalDetails {
  /** When the same request may succeed, in seconds: Retry-After. */
  readonly retryAfterSeconds?: number;
  /** Invalid fields. */
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Its body has no room: that of its namespace, or of the whole gateway, is taken. */
  readonly bodyLimit?: 'namespace' | 'gateway';
  /** A script has begun to answer it, and was cancelled. */
  readonly hasStarted?: true;
  /** Code of the error in JSON-RPC. */
  readonly rpcCode?: number;
}

/** A request that the gateway refuses: no script has run for it, unless its details say so. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly details: RefusalDetails;

  constructor(reason: RefusalReason, message: string, details: RefusalDetails = {}) {
    super(message);
    this.reason = reason;
    this.details = details;
  }

  get code(): number {
    return CODES[this.reason];
  }

  get headers(): Record<string, string> {
    const { retryAfterSeconds, headers } = this.details;
    return { ...headers, ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }) };
  }

  /** The refusal as the API server writes one: metav1.Status. */
  toJSON(): object {
    const { retryAfterSeconds, errors } = this.details;
    const causes = errors?.map(({ path, message }) => ({ reason: 'FieldValueInvalid', field: path, message }));
    const details = {
      ...(causes === undefined ? {} : { causes }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(Object.keys(details).length === 0 ? {} : { details }),
      code: this.code,
    };
  }
}
