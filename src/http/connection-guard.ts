import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionBounds {
  /** Connections that are open at once. */
  readonly maxConnections: number;
  /** A connection that has sent nothing for so long is closed. */
  readonly firstByteMs: number;
  /** A stranger's connection carries one request, and lasts for so long at most: to send it and to read the answer. */
  readonly strangerMs: number;
}

/**
 * Keeps an HTTP server open to the peers that it knows, and to probes, whatever strangers do. Every connection is a stranger's
 * until a request over it has shown whose it is (`trust`). Where the cap is reached the oldest stranger is closed, one that
 * has sent nothing before one that has; a trusted connection never is. `Expect` is answered with 417, and closed: no
 * client of ours sends it, and a request that waits for it would hold its connection.
 */
export class ConnectionGuard {
  readonly #bounds: ConnectionBounds;
  /** Oldest first. */
  readonly #strangers = new Set<Socket>();
  readonly #trusted = new Set<Socket>();

  /** @param server that does not listen yet; its own `maxConnections` is not to be set */
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

  /** A request over this connection has shown that it is a known peer's: it may stay. */
  trust({ socket }: { readonly socket: Socket }, response: { shouldKeepAlive: boolean }): void {
    response.shouldKeepAlive = true;
    if (this.#strangers.delete(socket)) this.#trusted.add(socket);
  }

  #connected(socket: Socket): void {
    const { maxConnections, firstByteMs, strangerMs } = this.#bounds;
    this.#strangers.add(socket);
    const silent = setTimeout(() => {
      if (socket.bytesRead === 0) socket.destroy();
    }, firstByteMs);
    const late = setTimeout(() => {
      if (this.#strangers.has(socket)) socket.destroy();
    }, strangerMs);
    socket.once('close', () => {
      clearTimeout(silent);
      clearTimeout(late);
      this.#strangers.delete(socket);
      this.#trusted.delete(socket);
    });
    if (this.#strangers.size + this.#trusted.size > maxConnections) this.#makeRoomFor(socket);
  }

  /** Where every connection is trusted, the newcomer itself is closed. */
  #makeRoomFor(newcomer: Socket): void {
    let oldest = newcomer;
    for (const socket of this.#strangers) {
      if (socket === newcomer) continue;
      if (oldest === newcomer) oldest = socket;
      if (socket.bytesRead > 0) continue;
      oldest = socket;
      break;
    }
    this.#strangers.delete(oldest);
    oldest.destroy();
  }
}
