import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionBounds {
  /** Maximum number of open connections. */
  readonly maxConnections: number;
  /** A connection without any data is closed after this time. */
  readonly firstByteMs: number;
  /** An untrusted connection carries one request and is closed after this time, including the answer. */
  readonly untrustedMs: number;
}

/**
 * Keeps an HTTP server available to known peers and probes under untrusted load. A connection is untrusted until a
 * request on it is authenticated (`trust`). At the limit the oldest untrusted connection is closed, silent ones first;
 * a trusted connection never is. `Expect` is answered with 417 and closed: our clients do not send it, and a request
 * waiting for it would occupy its connection.
 */
export class ConnectionGuard {
  readonly #bounds: ConnectionBounds;
  /** Oldest first. */
  readonly #untrusted = new Set<Socket>();
  readonly #trusted = new Set<Socket>();

  /** @param server before it listens; its own `maxConnections` must not be set */
  constructor(server: Server, bounds: ConnectionBounds) {
    this.#bounds = bounds;
    server.on('connection', (socket) => this.#connected(socket));
    server.prependListener('request', (request, response) => {
      if (!this.#trusted.has(request.socket)) response.shouldKeepAlive = false;
    });
    for (const event of ['checkContinue', 'checkExpectation'] as const) {
      server.on(event, (_request, response) => {
        response.shouldKeepAlive = false;
        response.writeHead(417).end(() => response.socket?.destroySoon());
      });
    }
  }

  /** A request on this connection was authenticated: the connection is kept. */
  trust({ socket }: { readonly socket: Socket }, response: { shouldKeepAlive: boolean }): void {
    response.shouldKeepAlive = true;
    if (this.#untrusted.delete(socket)) this.#trusted.add(socket);
  }

  #connected(socket: Socket): void {
    const { maxConnections, firstByteMs, untrustedMs } = this.#bounds;
    this.#untrusted.add(socket);
    const silent = setTimeout(() => {
      if (socket.bytesRead === 0) socket.destroy();
    }, firstByteMs);
    const late = setTimeout(() => {
      if (this.#untrusted.has(socket)) socket.destroy();
    }, untrustedMs);
    socket.once('close', () => {
      clearTimeout(silent);
      clearTimeout(late);
      this.#untrusted.delete(socket);
      this.#trusted.delete(socket);
    });
    if (this.#untrusted.size + this.#trusted.size > maxConnections) this.#makeRoomFor(socket);
  }

  /** If all connections are trusted, the new one is closed. */
  #makeRoomFor(newcomer: Socket): void {
    let oldest = newcomer;
    for (const socket of this.#untrusted) {
      if (socket === newcomer) continue;
      if (oldest === newcomer) oldest = socket;
      if (socket.bytesRead > 0) continue;
      oldest = socket;
      break;
    }
    this.#untrusted.delete(oldest);
    oldest.destroy();
  }
}
