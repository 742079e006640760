import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionGuard } from '../../http/connection-guard.ts';

/** The operator's connections stay open between requests. */
const KEEP_ALIVE_MS = 300_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** For a whole request, its body included. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 8 << 10;
/** A connection is a stranger's until a request over it is signed by the operator (app.ts). */
const BOUNDS = { maxConnections: 1024, firstByteMs: 2000, strangerMs: 10_000 };
/** How long answers may take to leave when the server closes. */
const CLOSE_MS = 1000;

/**
 * A server that slow, large or countless requests, and connections that say nothing, do not hold up.
 * @param listenerFor makes what answers, with what tells whose connections may stay
 */
export function createPodServer(listenerFor: (guard: ConnectionGuard) => RequestListener): Server {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Of the connection, not of HTTP: notices an operator whose machine is gone.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    noDelay: true,
  });
  server.on('request', listenerFor(new ConnectionGuard(server, BOUNDS)));
  server.maxHeadersCount = 64;
  return server;
}

/** @returns the port, which the system picks for 0. @throws what `listen` fails with, such as EADDRINUSE */
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

/** Takes no more requests, lets answers leave, and closes every connection. */
export async function closeServer(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(late);
}
