/** Jest's global set-up for tests against a Kubernetes API server: one server for the whole run. */
import { publishConnection } from './connection.ts';
import { type RunningApiServer, startApiServer } from './start.ts';

declare global {
  var copepodTestApiServer: RunningApiServer | undefined;
}

export default async function setup(): Promise<void> {
  const server = await startApiServer();
  globalThis.copepodTestApiServer = server;
  publishConnection(server.connection);
  const { version, readyAfterMs } = server.connection;
  process.stderr.write(`API server ${version} ready after ${(readyAfterMs / 1000).toFixed(1)} s\n`);
}
