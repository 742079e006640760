import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Ends the request and the reading of its answer, at any time. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end, unless the request is aborted. */
  readonly body: Readable;
}

/** One way to reach the API server, over connections that are used again. */
export interface Transport {
  /** Whether new requests can start: a connection that ends finishes what it has. */
  readonly usable: boolean;
  /** Gives the answer as soon as its head is there. Throws `TransportError`, or the signal's reason. */
  open(request: HttpRequest): Promise<HttpResponse>;
  /** Starts no more requests, lets those that run end, then closes. */
  retire(): void;
  /** Ends everything now. */
  destroy(): void;
}
