import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '../refusal.ts';
import type { RequestRecord } from './observer.ts';
import type { RequestTrace } from './trace-context.ts';

/** What is known of a request as it is handled: it goes into the access log and the metrics. */
export type Notes = { -readonly [Field in keyof RequestRecord]?: RequestRecord[Field] };

/**
 * Keeps the connection of a request: one that is authenticated (the default), or one that anybody may send or that is
 * authenticated elsewhere, whose connection is closed where others need the room.
 */
export type Trust = (request?: 'Authenticated' | 'Admitted') => void;

/** One request and its answer. */
export interface Exchange {
  readonly trace: RequestTrace;
  readonly notes: Notes;
  /** To be called once it is known whose the request is: until then its connection has little time. */
  readonly trust: Trust;
  /** The client is gone, or the gateway ends. */
  readonly signal: AbortSignal;
}

/** Serves the requests of some paths. */
export interface RequestHandler {
  /** Answers a request. @throws Refusal, and it is answered with that; the signal's reason */
  handle(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void>;
  /** The body of a refusal, as JSON. Default: metav1.Status. */
  refusalText?(refusal: Refusal): string;
}
