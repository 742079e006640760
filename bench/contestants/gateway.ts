import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import { handlerOf, type Workload } from '../workload.ts';
import { HttpClient } from './http-post.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const EXECUTE = '/apis/copepod.dev/v1alpha1/namespaces/default/scriptruntimes/bench/execute';

export const gateway: Contestant = {
  name: 'gateway',
  note: 'copepod gateway --local: Execute, new context per run, the engine behind HTTP in one process',
  start: async (lanes) => {
    const { client, close } = await serve([runtimeOf(lanes)]);
    const execute = async (workload: Workload, index: number) => {
      const { params, language = 'JavaScript' } = workload;
      const context = { tenant: { id: workload.tenant(index) } };
      const spec = { source: workload.source(index), language, params, context };
      const { result } = JSON.parse(await client.post(JSON.stringify(spec), EXECUTE)) as { result?: unknown };
      return JSON.stringify(result);
    };
    return { measure: (workload, load) => closedLoop(execute, workload, load), close };
  },
};

export const endpoint = endpointContestant(
  'endpoint',
  'copepod gateway --local: a ScriptEndpoint with reuse None, new context per request',
  'None',
);

export const endpointModule = endpointContestant(
  'endpoint-module',
  'copepod gateway --local: a ScriptEndpoint with reuse Module: the module stays evaluated, in one contained process per VM',
  'Module',
);

function endpointContestant(name: string, note: string, reuse: Reuse): Contestant {
  return {
    name,
    note,
    start: async (lanes) => {
      let served: { readonly workload: Workload; readonly gateway: Served } | undefined;
      return {
        // Starts with the first workload, which is the endpoint.
        measure: async (workload, load) => {
          served ??= { workload, gateway: await serve([runtimeOf(lanes), endpointOf(workload, reuse)]) };
          if (served.workload !== workload) throw new Error('an endpoint has one script');
          const { client } = served.gateway;
          const body = JSON.stringify(workload.params);
          return await closedLoop(() => client.post(body, '/default/bench'), workload, load);
        },
        close: async () => await served?.gateway.close(),
      };
    },
  };
}

type Reuse = 'None' | 'Module';

const runtimeOf = (lanes: number): object => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptRuntime',
  metadata: { name: 'bench', namespace: 'default' },
  spec: { pool: { size: lanes } },
});

const endpointOf = (workload: Workload, reuse: Reuse): object => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptEndpoint',
  metadata: { name: 'bench', namespace: 'default' },
  spec: { runtimeRef: { name: 'bench' }, auth: { type: 'None' }, source: handlerOf(workload.source(0)), reuse },
});

interface Served {
  readonly client: HttpClient;
  readonly close: () => Promise<void>;
}

/** Starts a gateway with some objects. */
async function serve(objects: readonly object[]): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), 'copepod-bench-'));
  const file = join(directory, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const args = [MAIN, 'gateway', '--local', file, '--port', '0', '--access-log', 'none'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const client = new HttpClient(await portOf(child));
  return {
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
