import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionGuard } from '../http/connection-guard.ts';
import type { Dashboard } from './dashboard.ts';

const MAX_CONNECTIONS = 1000;
const FIRST_BYTE_MS = 10_000;
const UNADMITTED_MS = 30_000;
const HEADERS_MS = 10_000;
const MAX_HEADER_BYTES = 32 << 10;

/** The HTTP server of a dashboard. */
export class DashboardServer {
  readonly #server: Server;

  constructor(dashboard: Dashboard) {
    this.#server = createServer({
      headersTimeout: HEADERS_MS,
      requestTimeout: UNADMITTED_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: HEADERS_MS,
    });
    const guard = new ConnectionGuard(this.#server, {
      maxConnections: MAX_CONNECTIONS,
      firstByteMs: FIRST_BYTE_MS,
      untrustedMs: UNADMITTED_MS,
    });
    this.#server.on('request', (request, response) => {
      guard.admit(request, response);
      void dashboard.handle(request, response, () => guard.trust(request, response));
    });
  }

  /** Listens, without an address to all, and returns the port. Throws what the system refuses. */
  async listen(port: number, address: string | undefined): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen({ port, host: address }, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes it; streams that are open end. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
