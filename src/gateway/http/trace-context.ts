/** W3C Trace Context (Level 1) as far as a gateway passes it on, and ids of requests. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseTraceparent } from '../../api/trace-context.ts';

export interface RequestTrace {
  readonly requestID: string;
  /** Absent without a valid one: a tracestate alone means nothing. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

const MAX_TRACESTATE = 512;
/** Visible ASCII: an id stands in logs and headers. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** The id of a request (`X-Request-Id`, or a new one) and its trace context. Invalid values are as if they were absent. */
export function requestTrace(headers: IncomingHttpHeaders): RequestTrace {
  const { 'x-request-id': id, traceparent, tracestate } = headers;
  const requestID = typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID();
  if (typeof traceparent !== 'string' || parseTraceparent(traceparent) === undefined) return { requestID };
  const state = typeof tracestate === 'string' && tracestate.length <= MAX_TRACESTATE ? tracestate : undefined;
  return { requestID, traceparent, ...(state === undefined || state === '' ? {} : { tracestate: state }) };
}
