import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The operator keeps its connections; whoever is not the operator is sent off after one answer (app.ts). */
const KEEP_ALIVE_MS = 300_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** For a whole request, its body included. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 8 << 10;
const MAX_CONNECTIONS = 1024;
/** How long answers may take to leave when the server closes. */
const CLOSE_MS = 1000;

/** A server that slow, large or countless requests can't hold up. */
export function createPodServer(listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Of the connection, not of HTTP: notices an operator whose machine is gone.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      noDelay: true,
    },
    listener,
  );
  server.maxConnections = MAX_CONNECTIONS;
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
