import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionBounds, ConnectionGuard } from '../../http/connection-guard.ts';
import type { Trust } from './handler.ts';

export interface GatewayServerParts {
  /**
   * Handles a request; never rejects.
   * @param trust to be called once it is known whose the request is: until then its connection has little time
   */
  readonly handle: (request: IncomingMessage, response: ServerResponse, trust: Trust) => Promise<void>;
  /** Default: for production. */
  readonly bounds?: ConnectionBounds;
}

/** Clients' connections stay open between requests: longer than the idle time of usual load balancers (60 s). */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 32 << 10;
/** Time for a client to read an answer. */
const READ_ANSWER_MS = 30_000;
/** Time for clients that still send when the server closes, behind its last response. */
const LAST_REST_MS = 2000;
/** A connection is untrusted until a request on it is authenticated or admitted. */
const BOUNDS: ConnectionBounds = { maxConnections: 8192, firstByteMs: 5000, untrustedMs: 15_000 };

/** An HTTP server that slow clients and silent connections do not block, and that ends without losing a request. */
export class GatewayServer {
  readonly #server: Server;
  readonly #guard: ConnectionGuard;
  /** Requests under way: without an answer, or with a script that goes on. */
  readonly #open = new Set<ServerResponse>();
  #isDraining = false;
  #whenIdle: (() => void) | undefined;

  constructor({ handle, bounds = BOUNDS }: GatewayServerParts) {
    this.#server = createServer({
      headersTimeout: HEADERS_TIMEOUT_MS,
      // What reads a body has a limit of its own, a streamed one takes as long as its script may, and the guard bounds what is left.
      requestTimeout: 0,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      noDelay: true,
    });
    const guard = new ConnectionGuard(this.#server, bounds);
    this.#guard = guard;
    this.#server.on('request', (request, response) => {
      // The response before was the last one on its connection: nothing would be answered.
      if (request.socket.writableEnded) return;
      this.#open.add(response);
      if (this.#isDraining) response.shouldKeepAlive = false;
      const trust: Trust = (whose = 'Authenticated') => {
        const isLast = this.#isDraining || request.headers.connection === 'close' || request.httpVersion === '1.0';
        if (whose === 'Authenticated') guard.trust(request, response);
        else guard.admit(request, response);
        response.shouldKeepAlive = !isLast;
      };
      // A script goes on after its response, and what becomes of it is counted and recorded.
      let left = 2;
      const over = (): void => {
        left--;
        if (left > 0) return;
        this.#open.delete(response);
        if (this.#open.size === 0) this.#whenIdle?.();
      };
      response.once('close', over);
      void handle(request, response, trust).then(over);
    });
  }

  /** Listens. @returns the port, chosen by the system for 0. @throws errors of `listen`, for example EADDRINUSE */
  async listen(port: number, address: string | undefined): Promise<number> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  }

  /** Requests under way. */
  get open(): number {
    return this.#open.size;
  }

  /** Answers from now on close their connections: clients make new ones, which go elsewhere. */
  drain(): void {
    this.#isDraining = true;
    for (const response of this.#open) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  /** Accepts no more connections. Resolves when every request is answered, its script has ended, and clients have read what they get. */
  async close(): Promise<void> {
    this.drain();
    this.#server.close();
    this.#server.closeIdleConnections();
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await Promise.race([this.#guard.lingered(), sleep(LAST_REST_MS, undefined, { ref: false })]);
  }

  /** Closes what is still open. */
  destroy(): void {
    this.#server.closeAllConnections();
  }
}

/** Cuts off a client that does not read the rest of an answer, which ends or is about to. */
export function cutOffUnread(response: ServerResponse): void {
  // Of most, the system has taken all.
  if (response.writableEnded && response.socket?.writableLength === 0) return;
  const late = setTimeout(() => response.destroy(), READ_ANSWER_MS);
  response.once('close', () => clearTimeout(late));
}

/** Sends JSON. A client that does not read it is cut off. */
export function sendJson(
  response: ServerResponse,
  code: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(code, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(json);
  cutOffUnread(response);
}
