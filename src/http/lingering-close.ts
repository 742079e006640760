import type { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';

/** How much of a request is read after its response. */
export interface RestBounds {
  /** In all, in milliseconds. */
  readonly maxMs: number;
  /** Without any data, in milliseconds. */
  readonly maxSilentMs: number;
  readonly maxBytes: number;
  /** Connections at the same time. */
  readonly maxConnections: number;
}

/** The times are nginx's (`lingering_time`, `lingering_timeout`). No server takes a larger body. */
export const REST_BOUNDS: RestBounds = { maxMs: 30_000, maxSilentMs: 5_000, maxBytes: 64 << 20, maxConnections: 512 };

/**
 * Reads and drops what clients still send of a request that has its response, within bounds, and closes the connections of
 * clients that send more. A connection that is to be closed is half-closed in the meantime (lingering close): to close it with
 * unread data resets it, and the client may lose the end of the response.
 */
export class LingeringClose {
  readonly #bounds: RestBounds;
  /** Connections whose client still sends, oldest first. */
  readonly #sending = new Set<Socket>();
  #whenNone: (() => void)[] = [];

  /** @param server before it listens */
  constructor(server: Server, bounds: RestBounds) {
    this.#bounds = bounds;
    server.on('connection', (socket) => {
      // Node calls it at the end of the last response.
      socket.destroySoon = () => {
        if (this.#sending.has(socket)) socket.end();
        else Socket.prototype.destroySoon.call(socket);
      };
    });
    const watch = (request: IncomingMessage, response: NodeJS.EventEmitter): void => {
      const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
      if (length === undefined && encoding === undefined) return; // it has no body
      // Before Node's own listener, which calls `destroySoon`.
      response.prependListener('finish', () => {
        if (!request.complete) this.#readRest(request);
      });
    };
    server.prependListener('request', watch);
    server.prependListener('checkExpectation', watch);
  }

  /** Closes the connection that has been read for longest. @returns false if there is none */
  closeOldest(): boolean {
    const [oldest] = this.#sending;
    oldest?.destroy();
    return oldest !== undefined && this.#sending.delete(oldest);
  }

  /** Resolves once no client sends on after its response. */
  async ended(): Promise<void> {
    if (this.#sending.size > 0) await new Promise<void>((resolve) => this.#whenNone.push(resolve));
  }

  #readRest(request: IncomingMessage): void {
    const { maxMs, maxSilentMs, maxBytes, maxConnections } = this.#bounds;
    const { socket } = request;
    if (this.#sending.size >= maxConnections) this.closeOldest();
    this.#sending.add(socket);
    const close = (): void => void socket.destroy();
    const late = setTimeout(close, maxMs);
    const silent = setTimeout(close, maxSilentMs);
    const settle = (): void => {
      clearTimeout(late);
      clearTimeout(silent);
      socket.off('close', settle);
      this.#sending.delete(socket);
      if (this.#sending.size === 0) for (const resolve of this.#whenNone.splice(0)) resolve();
    };
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      silent.refresh();
      bytes += chunk.length;
      if (bytes > maxBytes) close();
    });
    request.once('end', () => {
      settle();
      if (socket.writableEnded) socket.destroySoon();
    });
    socket.once('close', settle);
    request.resume();
  }
}
