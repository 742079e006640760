import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findBinaries } from './binaries.ts';
import type { Connection } from './connection.ts';

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url));

export interface RunningApiServer {
  readonly connection: Connection;
  /** Sends a signal to its etcd, or starts it again after SIGKILL. */
  etcd(what: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL' | 'start'): void;
  /** Stops the server and its etcd, and removes their files. */
  stop(): Promise<void>;
}

/**
 * Starts an API server with its own etcd on a free port of 127.0.0.1; needs no root. It stops with `stop()`, and in any
 * case when this process exits.
 */
export async function startApiServer(): Promise<RunningApiServer> {
  // A process group of its own: ^C reaches this process only, and the keeper can still remove its files.
  const keeper = spawn(process.execPath, [KEEPER, findBinaries()], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => keeper.once('exit', () => resolve()));
  for await (const line of createInterface({ input: keeper.stdout })) {
    keeper.unref();
    return {
      connection: JSON.parse(line) as Connection,
      etcd: (what) => void keeper.stdin.write(`etcd ${what}\n`),
      async stop() {
        keeper.ref(); // otherwise this process could exit before the keeper
        keeper.stdin.end();
        await exited;
      },
    };
  }
  throw new Error('The API server for tests did not start (above).');
}
