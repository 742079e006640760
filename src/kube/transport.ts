import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborts the request and the reading of its answer. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end, unless the request is aborted. */
  readonly body: Readable;
}

/** A transport to the API server over pooled connections. */
export interface Transport {
  /** Whether new requests can start: a closing connection only finishes its requests. */
  readonly usable: boolean;
  /** Returns the answer once its headers have arrived. Throws `TransportError`, or the signal's reason. */
  open(request: HttpRequest): Promise<HttpResponse>;
  /** Accepts no more requests, finishes those in flight, then closes. */
  retire(): void;
  /** Closes immediately; requests in flight fail. */
  destroy(): void;
}
