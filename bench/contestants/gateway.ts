import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import { handlerOf, type Workload } from '../workload.ts';
import { type LocalGateway, startLocalGateway } from './local-gateway.ts';

const EXECUTE = '/apis/copepod.dev/v1alpha1/namespaces/default/scriptruntimes/bench/execute';

export const gateway: Contestant = {
  name: 'gateway',
  note: 'copepod gateway --local: Execute, new context per run, the engine behind HTTP in one process',
  start: async (lanes) => {
    const { client, close } = await startLocalGateway([runtimeOf(lanes)]);
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
      let served: { readonly workload: Workload; readonly gateway: LocalGateway } | undefined;
      return {
        // Starts with the first workload, which is the endpoint.
        measure: async (workload, load) => {
          served ??= { workload, gateway: await startLocalGateway([runtimeOf(lanes), endpointOf(workload, reuse)]) };
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
