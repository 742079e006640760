/** W3C Trace Context (Level 1) as far as a gateway passes it on, and ids of requests. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestTrace {
  readonly requestID: string;
  /** Absent without a valid one: a tracestate alone means nothing. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
const MAX_TRACEPARENT = 256;
const MAX_TRACESTATE = 512;
/** Visible ASCII: an id stands in logs and headers. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** The id of a request (`X-Request-Id`, or a new one) and its trace context. Invalid values are as if they were absent. */
export function requestTrace(headers: IncomingHttpHeaders): RequestTrace {
  const { 'x-request-id': id, traceparent, tracestate } = headers;
  const requestID = typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID();
  if (typeof traceparent !== 'string' || traceparent.length > MAX_TRACEPARENT || !TRACEPARENT.test(traceparent)) {
    return { requestID };
  }
  // Version 00 has four fields.
  if (traceparent.startsWith('00') && traceparent.length > 55) return { requestID };
  const state = typeof tracestate === 'string' && tracestate.length <= MAX_TRACESTATE ? tracestate : undefined;
  return { requestID, traceparent, ...(state === undefined || state === '' ? {} : { tracestate: state }) };
}
