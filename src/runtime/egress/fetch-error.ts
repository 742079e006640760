/** Why a request of a script failed, in words that the script sees as the cause of its TypeError. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  /** Code of the system or of the HTTP client, such as ECONNREFUSED. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

/** An egress rule, or the address guard, does not allow the request. */
export class RefusedError extends FetchError {}

/** What a script is told of an error. Of an unforeseen one it is told the code alone: its message may name what is inside. */
export function fetchErrorOf(error: unknown): FetchError {
  if (error instanceof FetchError) return error;
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: unknown };
  if (cause instanceof FetchError) return cause;
  const [, status] = /^Proxy response \((\d+)\)/.exec(String(message)) ?? [];
  if (status !== undefined) return new FetchError(`the proxy refuses the connection: it answered ${status}`);
  const known = typeof code === 'string' ? MESSAGES[code] : undefined;
  if (typeof code !== 'string') return new FetchError('the request failed');
  return new FetchError(known ?? `the request failed: ${code}`, code);
}

const UNKNOWN_AUTHORITY = 'the certificate of the server is of an authority that is not trusted';
const MESSAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the server refuses connections',
  ECONNRESET: 'the server closed the connection',
  ENOTFOUND: 'the host name has no address',
  EAI_AGAIN: 'the host name cannot be resolved now',
  ETIMEDOUT: 'no connection within the time-out',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the time-out',
  UND_ERR_HEADERS_TIMEOUT: 'no answer within the time-out',
  UND_ERR_BODY_TIMEOUT: 'the body of the response stopped',
  UND_ERR_SOCKET: 'the server closed the connection',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the response are too large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body of the response is shorter or longer than its Content-Length',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'the body of the request is shorter or longer than its Content-Length',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the server is for other hosts',
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  Z_DATA_ERROR: 'the body of the response cannot be decompressed',
  Z_BUF_ERROR: 'the body of the response cannot be decompressed',
};
