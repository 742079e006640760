import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { closedLoop, type Load } from '../closed-loop.ts';
import type { Contestant, Engine } from '../contestant.ts';
import { declarationsOf, type Workload } from '../workload.ts';

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

async function startWorkerd(constName: 'get' | 'load', processes: number): Promise<Engine> {
  const servers = await Promise.all(Array.from({ length: processes }, () => startServer(constName)));
  const execute = async (workload: Workload, index: number) => {
    const server = servers.reduce((least, other) => (other.underWay < least.underWay ? other : least));
    const module = `${declarationsOf(workload.source(index))}
export default { fetch: async (request) => Response.json(main(await request.json())) };`;
    server.underWay++;
    const result = await post(server, JSON.stringify({ module, params: workload.params }));
    server.underWay--;
    return result;
  };
  return {
    measure: (workload: Workload, load: Load) => closedLoop(execute, workload, load),
    close: async () => {
      for (const { child, agent } of servers) {
        agent.destroy();
        child.kill('SIGKILL');
      }
    },
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly agent: Agent;
  underWay: number;
}

async function startServer(constName: string): Promise<Server> {
  const binary = createRequire(import.meta.url)('workerd').default as string;
  const config = new URL('./workerd/config.capnp', import.meta.url).pathname;
  const child = spawn(binary, ['serve', '--experimental', '--control-fd=3', config, constName], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const died = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`workerd ended with ${signal ?? code}`);
  });
  died.catch(() => {});
  const [line] = (await Promise.race([once(child.stdio[3] as Readable, 'data'), died])) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  return { child, port, agent: new Agent({ keepAlive: true }), underWay: 0 };
}

function post({ port, agent }: Server, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, agent, method: 'POST' }, (response) => {
      text(response).then(resolve, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
