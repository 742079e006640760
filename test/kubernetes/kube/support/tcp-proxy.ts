import { connect, createServer, type Socket } from 'node:net';

/** A wire between a client and a server that can be cut. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that clients have made so far. */
  readonly connections: number;
  /** Breaks every connection. */
  cut(): void;
  /** Takes no connection, until it does again. */
  refuse(refusing: boolean): void;
  /** Passes nothing on in either direction, as a machine that has gone silent; connections stay. */
  freeze(frozen: boolean): void;
  close(): Promise<void>;
}

/** Listens, on a free port of 127.0.0.1 where nothing else is said, and passes everything on to another. */
export async function startTcpProxy(
  targetPort: number,
  { target: targetHost = '127.0.0.1', host = '127.0.0.1', port = 0 } = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let refusing = false;
  let frozen = false;
  const server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    connections += 1;
    const target = connect(targetPort, targetHost);
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (frozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    get connections() {
      return connections;
    },
    cut,
    refuse(wanted) {
      refusing = wanted;
    },
    freeze(wanted) {
      frozen = wanted;
      for (const socket of sockets) frozen ? socket.pause() : socket.resume();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
