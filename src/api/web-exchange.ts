/** What a web handler is given and what it gives, between gateway, pod and sandbox: heads as JSON, bodies as bytes beside them. */

export type HeaderPair = readonly [name: string, value: string];

/** The head of a request, as the handler sees it. */
export interface WebRequestHead {
  /** Absolute, without a fragment. */
  readonly url: string;
  readonly method: string;
  readonly headers: readonly HeaderPair[];
}

/** The head of a response, as the handler made it. */
export interface WebResponseHead {
  /** From 200 to 599. */
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
}

/** Maximum bytes of a request's body that is there whole before the handler is called. */
export const MAX_WHOLE_BODY_BYTES = 1 << 20;
/** Maximum bytes of a request's body that arrives while the handler runs. */
export const MAX_STREAMED_BODY_BYTES = 64 << 20;
/** Maximum bytes of a streamed body in one piece. */
export const MAX_PIECE_BYTES = 256 << 10;
/** The most bytes of a response's body. */
export const MAX_RESPONSE_BODY_BYTES = 64 << 20;
/** The most bytes of a response's body in one part: a longer body is sent in several. */
export const MAX_PART_BYTES = 1 << 20;

const MAX_URL_LENGTH = 16 << 10;
const MAX_HEADERS = 256;
/** UTF-16 units of all names and values together. */
const MAX_HEADERS_LENGTH = 64 << 10;
const MAX_STATUS_TEXT = 1024;

/** RFC 9110: a token, and a field value; bytes from 0x80 are opaque. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Checks a request's head field by field. */
export function isWebRequestHead(value: unknown): value is WebRequestHead {
  const { url, method, headers } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return isText(url, MAX_URL_LENGTH) && isText(method, 64) && TOKEN.test(method) && isHeaders(headers);
}

/** Checks a response's head field by field: a sandbox is hostile. */
export function isWebResponseHead(value: unknown): value is WebResponseHead {
  const { status, statusText, headers } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    Number.isInteger(status) &&
    (status as number) >= 200 &&
    (status as number) <= 599 &&
    isText(statusText, MAX_STATUS_TEXT) &&
    VALUE.test(statusText) &&
    isHeaders(headers)
  );
}

function isHeaders(value: unknown): value is readonly HeaderPair[] {
  if (!Array.isArray(value) || value.length > MAX_HEADERS) return false;
  let length = 0;
  return value.every((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [name, text] = pair as readonly unknown[];
    if (!isText(name, MAX_HEADERS_LENGTH) || !isText(text, MAX_HEADERS_LENGTH)) return false;
    length += name.length + text.length;
    return length <= MAX_HEADERS_LENGTH && TOKEN.test(name) && VALUE.test(text);
  });
}

const isText = (value: unknown, maxLength: number): value is string =>
  typeof value === 'string' && value.length <= maxLength;
