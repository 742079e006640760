import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

/** A request that a server has got. */
export interface Seen {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly body: string;
  /** Port of the connection at the client: another one is another connection. */
  readonly clientPort: number;
}

export interface LocalServer {
  readonly port: number;
  readonly seen: Seen[];
  close(): Promise<void>;
}

type Answer = (seen: Seen, response: Parameters<RequestListener>[1]) => void;

/** A server on a loopback address, which keeps what it gets. */
export async function localServer(
  answer: Answer,
  {
    host = '127.0.0.1',
    port = 0,
    tls,
  }: { host?: string; port?: number; tls?: { key: string; cert: string; version?: '1.1' } } = {},
): Promise<LocalServer> {
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', method = '', headers, httpVersion, socket } = request;
      const body = Buffer.concat(chunks).toString('latin1');
      const one = { url, method, headers, httpVersion, body, clientPort: socket.remotePort ?? 0 };
      seen.push(one);
      answer(one, response);
    });
  };
  const server: Server =
    tls === undefined
      ? createServer(listener)
      : tls.version === '1.1'
        ? createTlsServer(tls, listener)
        : (createSecureServer({ ...tls, allowHTTP1: true }, listener as never) as unknown as Server);
  return listening(server, host, port, seen);
}

/** A server that speaks for itself: what it writes to each connection is all there is. */
export function rawServer(speak: (socket: Socket) => void, host = '127.0.0.1'): Promise<LocalServer> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => speak(socket));
  });
  return listening(server as Server, host, 0, []);
}

async function listening(server: Server, host: string, port: number, seen: Seen[]): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
