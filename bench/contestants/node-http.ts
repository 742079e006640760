import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import { declarationsOf, type Workload } from '../workload.ts';
import { HttpClient } from './http-post.ts';

export const nodeHttp: Contestant = {
  name: 'node-http',
  note: 'node:http, JSON in and out, the script as a function of the server: nothing fresh, nothing contained',
  start: async () => {
    const child = fork(new URL('./node-http/server.ts', import.meta.url));
    const [port] = (await once(child, 'message')) as [number];
    const client = new HttpClient(port);
    let served: Workload | undefined;
    return {
      measure: async (workload, load) => {
        if (served !== workload) {
          child.send(declarationsOf(workload.source(0)));
          await once(child, 'message');
          served = workload;
        }
        const body = JSON.stringify(workload.params);
        return await closedLoop(() => client.post(body), workload, load);
      },
      close: async () => {
        client.close();
        child.kill('SIGKILL');
      },
    };
  },
};
