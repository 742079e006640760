import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { closedLoop, type Load } from '../closed-loop.ts';
import type { Contestant, Engine } from '../contestant.ts';
import { handlerOf, type Workload } from '../workload.ts';
import { HttpClient } from './http-post.ts';

export const workerd: Contestant = {
  name: 'workerd',
  note: 'new isolate per run: the worker loader with a new id per run, one workerd, over loopback HTTP',
  start: () => startWorkerd('get', 1),
};

export const workerdLoad: Contestant = {
  name: 'workerd-load',
  note: 'new isolate per run: the loader’s one-off load(), one workerd for each VM, over loopback HTTP; its strongest',
  start: (lanes) => startWorkerd('load', lanes),
};

export const workerdPlain: Contestant = {
  name: 'workerd-plain',
  note: 'the script as a worker of its own, one workerd, over loopback HTTP: nothing fresh, nothing contained from itself',
  start: startPlain,
};

/** Starts with the first workload, which is the worker. */
async function startPlain(): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'copepod-bench-'));
  let server: Server | undefined;
  let served: Workload | undefined;
  return {
    measure: async (workload, load) => {
      if (served !== undefined && served !== workload) throw new Error('a plain worker has one script');
      served = workload;
      writeFileSync(join(directory, 'config.capnp'), PLAIN);
      writeFileSync(join(directory, 'main.js'), handlerOf(workload.source(0)));
      server ??= await startServer(join(directory, 'config.capnp'), 'plain');
      const { client } = server;
      const body = JSON.stringify(workload.params);
      return await closedLoop(() => client.post(body), workload, load);
    },
    close: async () => {
      server?.client.close();
      server?.child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const PLAIN = `using Workerd = import "/workerd/workerd.capnp";
const plain :Workerd.Config = (
  services = [ (name = "main", worker = .worker) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);
const worker :Workerd.Worker = (
  modules = [ (name = "main.js", esModule = embed "main.js") ],
  compatibilityDate = "2026-01-01",
);
`;

async function startWorkerd(constName: 'get' | 'load', processes: number): Promise<Engine> {
  const servers = await Promise.all(Array.from({ length: processes }, () => startServer(CONFIG, constName)));
  const execute = async (workload: Workload, index: number) => {
    const server = servers.reduce((least, other) => (other.underWay < least.underWay ? other : least));
    const module = handlerOf(workload.source(index));
    server.underWay++;
    const result = await server.client.post(JSON.stringify({ module, params: workload.params }));
    server.underWay--;
    return result;
  };
  return {
    measure: (workload: Workload, load: Load) => closedLoop(execute, workload, load),
    close: async () => {
      for (const { child, client } of servers) {
        client.close();
        child.kill('SIGKILL');
      }
    },
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly client: HttpClient;
  underWay: number;
}

const CONFIG = new URL('./workerd/config.capnp', import.meta.url).pathname;

async function startServer(config: string, constName: string): Promise<Server> {
  const binary = createRequire(import.meta.url)('workerd').default as string;
  const child = spawn(binary, ['serve', '--experimental', '--control-fd=3', config, constName], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const died = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`workerd ended with ${signal ?? code}`);
  });
  died.catch(() => {});
  const [line] = (await Promise.race([once(child.stdio[3] as Readable, 'data'), died])) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  return { child, client: new HttpClient(port), underWay: 0 };
}
