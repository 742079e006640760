import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionGuard } from '../../http/connection-guard.ts';

/** The operator's connections stay open between requests. */
const KEEP_ALIVE_MS = 300_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Limit of a whole request, including its body. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 8 << 10;
/** A connection is untrusted until a request on it is signed by the operator (app.ts). */
const BOUNDS = { maxConnections: 1024, firstByteMs: 2000, untrustedMs: 10_000 };
/** Time for outstanding answers when the server closes. */
const CLOSE_MS = 1000;

/**
 * A server that slow, large or many requests, and silent connections, do not block.
 * @param listenerFor builds the listener; it gets the guard to mark trusted connections
 */
export function createPodServer(listenerFor: (guard: ConnectionGuard) => RequestListener): Server {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // TCP keep-alive, not HTTP: detects an operator whose machine is gone.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    noDelay: true,
  });
  server.on('request', listenerFor(new ConnectionGuard(server, BOUNDS)));
  server.maxHeadersCount = 64;
  return server;
}

/** @returns the port, chosen by the system for 0. @throws errors of `listen`, for example EADDRINUSE */
export async function listen(server: Server, port: number, address: string | undefined): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Stops accepting requests, lets answers finish, and closes all connections. */
export async function closeServer(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(late);
}
