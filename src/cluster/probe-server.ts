import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Registry } from 'prom-client';
import { ConnectionGuard } from '../http/connection-guard.ts';

export interface ProbeParts {
  readonly registry: Registry;
  /** Whether the caches are synced: the operator leads, or can at once. */
  readonly isReady: () => boolean;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** Clients are not authenticated, so all connections have the limits of untrusted ones. */
const BOUNDS = { maxConnections: 128, firstByteMs: 2000, untrustedMs: REQUEST_TIMEOUT_MS };
const MAX_HEADER_BYTES = 8 << 10;

/**
 * The operator's HTTP server: `/metrics`, `/healthz` (the process answers) and `/readyz`. It has no endpoints that
 * change state.
 */
export async function serveProbes(port: number, { registry, isReady }: ProbeParts): Promise<Server> {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const ready = isReady();
    response
      .status(ready ? 200 : 503)
      .type('text')
      .send(ready ? 'ok\n' : 'caches are not synced\n');
  });
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', registry.contentType).send(await registry.metrics());
  });
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES },
    app,
  );
  new ConnectionGuard(server, BOUNDS);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;
