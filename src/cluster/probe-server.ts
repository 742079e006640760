import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import { ConnectionGuard } from '../http/connection-guard.ts';

export interface ProbeParts {
  readonly registry: Registry;
  /** Whether the process can do its work: its caches are synced, and it is not about to end. */
  readonly isReady: () => boolean;
  /** Adds routes; the guard trusts connections that they have authenticated. */
  readonly routes?: (app: Express, guard: ConnectionGuard) => void;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** Clients are not authenticated, so all connections have the limits of untrusted ones. */
const BOUNDS = { maxConnections: 128, firstByteMs: 2000, untrustedMs: REQUEST_TIMEOUT_MS };
const MAX_HEADER_BYTES = 8 << 10;

/**
 * The HTTP server of an operator or a gateway for kubelets and scrapers: `/metrics`, `/healthz` (the process answers) and
 * `/readyz`. It has no endpoints that change state.
 */
export async function serveProbes(
  port: number,
  { registry, isReady, routes }: ProbeParts,
  address?: string,
): Promise<Server> {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const ready = isReady();
    response
      .status(ready ? 200 : 503)
      .type('text')
      .send(ready ? 'ok\n' : 'not ready\n');
  });
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', registry.contentType).send(await registry.metrics());
  });
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES },
    app,
  );
  const guard = new ConnectionGuard(server, BOUNDS);
  routes?.(app, guard);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;
