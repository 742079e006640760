import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { serveExpectations } from './expect-continue.ts';
import { LingeringClose, REST_BOUNDS, type RestBounds } from './lingering-close.ts';

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
 * request on it is authenticated (`trust`), or is one that anybody may send (`admit`). At the limit a connection whose client
 * sends on after its response is closed (`LingeringClose`); then the oldest untrusted one, silent ones first; then the admitted one whose last request is the oldest. Where admitted
 * connections are more than half of all, they come before untrusted ones that have sent something: anybody can keep any
 * number of them, and clients that are about to authenticate would close one another. A trusted connection is never
 * closed.
 */
export class ConnectionGuard {
  readonly #bounds: ConnectionBounds;
  readonly #lingering: LingeringClose;
  /** Oldest first. */
  readonly #untrusted = new Set<Socket>();
  /** By their last requests, oldest first. */
  readonly #admitted = new Set<Socket>();
  readonly #trusted = new Set<Socket>();

  /** @param server before it listens; its own `maxConnections` must not be set */
  constructor(server: Server, bounds: ConnectionBounds, rest: RestBounds = REST_BOUNDS) {
    this.#bounds = bounds;
    this.#lingering = new LingeringClose(server, rest);
    server.on('connection', (socket) => this.#connected(socket));
    server.prependListener('request', (request, response) => {
      const { socket } = request;
      if (!this.#trusted.has(socket) && !this.#admitted.has(socket)) response.shouldKeepAlive = false;
    });
    serveExpectations(server);
  }

  /** A request on this connection was authenticated: the connection is kept. */
  trust({ socket }: { readonly socket: Socket }, response: { shouldKeepAlive: boolean }): void {
    response.shouldKeepAlive = true;
    if (this.#untrusted.delete(socket) || this.#admitted.delete(socket)) this.#trusted.add(socket);
  }

  /**
   * A request on this connection is one that anybody may send, or that is authenticated elsewhere: it takes the time that
   * it needs, and the connection is kept while there is room.
   */
  admit({ socket }: { readonly socket: Socket }, response: { shouldKeepAlive: boolean }): void {
    response.shouldKeepAlive = true;
    if (this.#untrusted.delete(socket) || this.#admitted.delete(socket)) this.#admitted.add(socket);
  }

  /** Resolves once no client sends on after its response. */
  async lingered(): Promise<void> {
    await this.#lingering.ended();
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
      this.#admitted.delete(socket);
      this.#trusted.delete(socket);
    });
    if (this.#untrusted.size + this.#admitted.size + this.#trusted.size > maxConnections) this.#makeRoomFor(socket);
  }

  /** If all other connections are trusted, the new one is closed. */
  #makeRoomFor(newcomer: Socket): void {
    if (this.#lingering.closeOldest()) return;
    const { oldest, isSilent } = this.#oldestUntrusted(newcomer);
    const [admitted] = this.#admitted;
    const isShareExceeded = this.#admitted.size > this.#bounds.maxConnections / 2;
    const closed = (isShareExceeded && !isSilent ? (admitted ?? oldest) : (oldest ?? admitted)) ?? newcomer;
    this.#untrusted.delete(closed);
    this.#admitted.delete(closed);
    closed.destroy();
  }

  #oldestUntrusted(newcomer: Socket): { readonly oldest?: Socket; readonly isSilent: boolean } {
    let oldest: Socket | undefined;
    for (const socket of this.#untrusted) {
      if (socket === newcomer) continue;
      if (socket.bytesRead === 0) return { oldest: socket, isSilent: true };
      oldest ??= socket;
    }
    return { ...(oldest === undefined ? {} : { oldest }), isSilent: false };
  }
}
