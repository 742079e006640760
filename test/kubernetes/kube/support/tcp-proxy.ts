import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that can cut, refuse and freeze connections. */
export interface TcpProxy {
  readonly port: number;
  /** Number of connections accepted so far. */
  readonly connections: number;
  /** Closes every connection. */
  cut(): void;
  /** Accepts no connections until called with false. */
  refuse(refusing: boolean): void;
  /** Forwards nothing in either direction, like a silent machine; connections stay open. */
  freeze(frozen: boolean): void;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 (a free port by default) and forwards to the target. */
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
