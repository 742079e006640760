import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serverPort } from '../kube/support/clients.ts';
import { startTcpProxy, type TcpProxy } from '../kube/support/tcp-proxy.ts';
import { Cluster } from './support/cluster.ts';

let cluster: Cluster;
let proxy: TcpProxy;

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await startTcpProxy(serverPort());
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

test('an operator that starts while the API server is unavailable waits for it, and then leads', async () => {
  proxy.refuse(true);
  const starting = cluster.startOperator({ server: `https://127.0.0.1:${proxy.port}` });
  await sleep(8000); // longer than the client's own retries
  proxy.refuse(false);
  const operator = await (await starting).leads();
  expect(operator.isAlive).toBe(true);
});
