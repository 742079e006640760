import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findBinaries } from './binaries.ts';
import type { Connection } from './connection.ts';

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url));

export interface RunningApiServer {
  readonly connection: Connection;
  /** Sends its etcd a signal, or starts it again after SIGKILL. */
  etcd(what: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL' | 'start'): void;
  /** Ends the server and its etcd, and removes their files. */
  stop(): Promise<void>;
}

/**
 * Starts an API server with an etcd of its own, on a free port of 127.0.0.1; no root needed.
 * It ends with `stop()`, and in any case when this process ends.
 */
export async function startApiServer(): Promise<RunningApiServer> {
  // A process group of its own, so that ^C reaches only us, and the keeper still gets to remove its files.
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
        keeper.ref(); // else nothing would hold this process until the keeper has ended
        keeper.stdin.end();
        await exited;
      },
    };
  }
  throw new Error('The API server for tests did not start (above).');
}
