import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The API that scripts of the soak call, on a loopback address. */
export interface SoakApi {
  readonly port: number;
  readonly requests: number;
  close(): Promise<void>;
}

/**
 * Multiplies numbers, waits for ever, or sends without end. It also watches over connections: one that carries requests of
 * two tenants is a violation.
 */
export async function serveApi(violation: (text: string) => void): Promise<SoakApi> {
  const sockets = new Set<Socket>();
  const tenants = new WeakMap<Socket, string>();
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const { socket } = request;
    const tenant = String(request.headers['x-tenant']);
    const other = tenants.get(socket) ?? tenant;
    if (other !== tenant) violation(`a connection of ${other} carried a request of ${tenant}`);
    tenants.set(socket, tenant);
    answer(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  if (pathname === '/never') return;
  if (pathname === '/endless') {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
    };
    response.on('drain', more);
    more();
    return;
  }
  response.end(JSON.stringify({ product: Number(searchParams.get('a')) * Number(searchParams.get('b')) }));
}
