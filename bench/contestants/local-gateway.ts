import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HttpClient } from './http-post.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** `copepod gateway --local`, in a process of its own. */
export interface LocalGateway {
  readonly port: number;
  readonly client: HttpClient;
  readonly close: () => Promise<void>;
}

/** Starts a gateway with some objects. */
export async function startLocalGateway(objects: readonly object[]): Promise<LocalGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'copepod-bench-'));
  const file = join(directory, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const args = [MAIN, 'gateway', '--local', file, '--port', '0', '--access-log', 'none'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await portOf(child);
  const client = new HttpClient(port);
  return {
    port,
    client,
    close: async () => {
      client.close();
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The port that a gateway says it listens on. */
async function portOf({ stderr }: ChildProcess): Promise<number> {
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr as NodeJS.ReadableStream })) {
    said.push(line);
    const port = /listening port=(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`the gateway ended: ${said.join('\n')}`);
}
