import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { SCRIPT_EXECUTIONS } from '../../../src/cluster/resources.ts';
import { BearerCredentials } from '../../../src/dashboard/access/bearer-credentials.ts';
import type { EventMessage } from '../../../src/dashboard/messages.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { readLines } from '../../../src/kube/watch-stream.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { DashboardProcess } from './support/dashboard-process.ts';
import { openStream } from './support/open-stream.ts';

// A hundred megabytes are written: a minute, on a machine whose cores are busy.
jest.setTimeout(240_000);

const COUNT = 200;
const AT_ONCE = 4;
/** Of the source and of the parameters, each: their limit is 256 KiB. */
const LARGE = 250 << 10;
const HEAP_MIB = 128;

let cluster: Cluster;
let client: KubeClient;
let dashboard: DashboardProcess;

beforeAll(async () => {
  cluster = await Cluster.create();
  const { namespace, directory } = cluster;
  const { url, certificateAuthority, token } = currentConnection();
  client = KubeClient.to(new BearerCredentials(new URL(url), certificateAuthority, token));
  const spec = { source: `'${'s'.repeat(LARGE)}'`, params: { text: 'p'.repeat(LARGE) }, suspend: true };
  // Few at once: an HTTP/2 session has a bound on what waits to be sent.
  for (let start = 0; start < COUNT; start += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, (_, index) => `large-${start + index}`);
    await Promise.all(
      names.map((name) => client.create(SCRIPT_EXECUTIONS, { metadata: { name, namespace }, spec } as never)),
    );
  }
  const ca = join(directory, 'ca.crt');
  writeFileSync(ca, certificateAuthority);
  const { hostname, port } = new URL(url);
  const env = {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    KUBECONFIG: join(directory, 'none'),
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
  };
  dashboard = await DashboardProcess.startForViewers(env, ['--certificate-authority', ca]);
}, 240_000);
afterAll(async () => {
  const code = await dashboard?.stop();
  client?.close();
  await cluster?.close();
  expect(code).toBe(0);
});

test(`${COUNT} executions of half a megabyte are listed by a process with a heap of ${HEAP_MIB} MiB`, async () => {
  const headers = { authorization: `Bearer ${currentConnection().token}` };
  using stream = openStream(dashboard.origin, `/api/events?namespace=${cluster.namespace}`, headers);
  const names: string[] = [];
  for await (const line of readLines(await stream.answer)) {
    const message = JSON.parse(line) as EventMessage;
    if (message.type !== 'list' || message.kind !== 'executions') continue;
    names.push(...message.rows.map(({ name }) => name));
    if (message.isLast) break;
  }
  expect(names.sort()).toEqual(Array.from({ length: COUNT }, (_, index) => `large-${index}`).sort());
});
