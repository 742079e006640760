import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { kubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';
import { type Found, type Manifest, reasonOf } from './support/objects.ts';

const namespace = useNamespace('fetch');
const PORT = 8080;
/** Another port of the same server, which no rule names. */
const OTHER_PORT = 8081;
const RUNTIME_POD_PORT = 8080;
const TOKENS = ['first-token', 'the-second-token'] as const;

/** Says who asks, and how often it was asked: a refused request must not arrive. */
const SERVER = `
let asked = 0;
const answer = ({ method, url, headers }, response) => {
  asked++;
  const { authorization = '' } = headers;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ asked, method, url, scheme: authorization.split(' ')[0], length: authorization.length }));
};
const { createServer } = require('node:http');
createServer(answer).listen(${PORT});
createServer(answer).listen(${OTHER_PORT});
`;

const serverPod = (image: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'orders' },
  spec: {
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'server',
        image,
        command: ['node', '-e', SERVER],
        readinessProbe: { tcpSocket: { port: OTHER_PORT }, periodSeconds: 1 },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});

const secret = (token: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'orders' },
  stringData: { token },
});

interface Pod extends Found {
  readonly status: { podIP: string; containerStatuses: { restartCount: number }[] };
}
let address: string;
let pod: Pod;

beforeAll(async () => {
  const operator = ['--namespace', 'copepod-system', 'get', 'deployment/copepod-operator'];
  const image = await kubectl([...operator, '--output', 'jsonpath={.spec.template.spec.containers[0].image}']);
  await namespace.apply([serverPod(image), secret(TOKENS[0])]);
  await namespace.kubectl('wait', 'pod/orders', '--for=condition=Ready', '--timeout=120s');
  address = (await namespace.get<Pod>('pod', 'orders')).status.podIP;
  await namespace.runtime({
    pool: { size: 1 },
    egress: [
      {
        name: 'orders',
        hosts: [address],
        schemes: ['http'],
        ports: [PORT],
        methods: ['GET'],
        paths: ['/v1/*'],
        headers: [
          { name: 'Authorization', valueFrom: { prefix: 'Bearer ', secretKeyRef: { name: 'orders', key: 'token' } } },
        ],
      },
    ],
  });
  pod = (await namespace.list<Pod>('pod', '--selector', 'copepod.dev/runtime=default'))[0] as Pod;
}, 240_000);

const GET = 'export default async ({ url }) => (await fetch(url)).json()';
let count = 0;
const get = (path: string): Promise<ScriptExecution> =>
  namespace.outcome(`get-${++count}`, { source: GET, params: { url: `http://${address}:${PORT}${path}` } });

test('a script fetches from a pod that a rule names, with a credential that it does not see', async () => {
  const { status } = await get('/v1/orders?customer=7');
  expect(status.result).toEqual({
    asked: 1,
    method: 'GET',
    url: '/v1/orders?customer=7',
    scheme: 'Bearer',
    length: `Bearer ${TOKENS[0]}`.length,
  });
  expect(status.usage).toMatchObject({ apiCalls: 1, fetches: 1, fetchBytesSent: 0 });
  expect(status.usage?.fetchBytesReceived).toBe(JSON.stringify(status.result).length);
});

describe('what no rule names is refused', () => {
  let refused: ScriptExecution;
  beforeAll(async () => {
    const { clusterIP } = (
      await kubectl(['get', 'service', 'kubernetes', '--output', 'json']).then((text) => JSON.parse(text))
    ).spec as { clusterIP: string };
    const others = [
      [`http://${address}:${PORT}/v2/orders`, 'GET'],
      [`http://${address}:${PORT}/v1/orders`, 'DELETE'],
      [`http://${address}:${OTHER_PORT}/v1/orders`, 'GET'],
      [`https://${address}:${PORT}/v1/orders`, 'GET'],
      [`http://${pod.status.podIP}:${RUNTIME_POD_PORT}/metrics`, 'GET'],
      [`https://${clusterIP}/version`, 'GET'],
      ['http://169.254.169.254/latest/meta-data', 'GET'],
      ['https://example.com/', 'GET'],
    ];
    const source = `export default async (asked) => {
      const said = [];
      for (const [url, method] of asked) {
        said.push(await fetch(url, { method }).then(({ status }) => status, (error) => [error.message, error.cause?.message]));
      }
      return said;
    }`;
    refused = await namespace.outcome('refused', { source, params: others });
  });

  test('with an error that names what is missing', () => {
    expect(reasonOf(refused)).toBe('Completed');
    const said = refused.status.result as [string, string][];
    expect(said).toHaveLength(8);
    for (const each of said) expect(each).toEqual(['fetch failed', expect.stringMatching(/rule/)]);
    expect(refused.status.usage?.fetches ?? 0).toBe(0);
  });

  test('and does not arrive', async () => {
    const before = (await get('/v1/count')).status.result as { asked: number };
    expect(before.asked).toBe(count);
  });
});

test('the NetworkPolicy of the pods allows the address and the port of the rule, and nothing else', async () => {
  const policies = await namespace.list<Found & { spec: { egress: unknown; policyTypes: string[] } }>('networkpolicy');
  expect(policies).toHaveLength(1);
  expect(policies[0]?.spec.policyTypes).toContain('Egress');
  expect(policies[0]?.spec.egress).toEqual([
    { to: [{ ipBlock: { cidr: `${address}/32` } }], ports: [{ port: PORT, protocol: 'TCP' }] },
  ]);
});

test('each request is a line of the pod’s log and counted in its metrics, by rule and outcome', async () => {
  const { metadata } = await get('/v1/audited?secret=1');
  const text = await namespace.kubectl('logs', pod.metadata.name);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ message }) => message === 'request of a script');
  expect(lines.find(({ execution }) => execution === metadata.uid)).toMatchObject({
    level: 'info',
    rule: 'orders',
    method: 'GET',
    url: `http://${address}:${PORT}/v1/audited`,
    status: 200,
    outcome: '2xx',
    bytesSent: 0,
  });
  expect(lines.filter(({ outcome }) => outcome === 'refused')).toHaveLength(8);
  expect(text).not.toContain('secret=1');
  const path = `/api/v1/namespaces/${namespace.name}/pods/${pod.metadata.name}:${RUNTIME_POD_PORT}/proxy/metrics`;
  const metrics = await kubectl(['get', '--raw', path]);
  expect(metrics).toContain(`copepod_fetches_total{rule="orders",outcome="2xx"} ${count}`);
  expect(metrics).toContain('copepod_fetches_total{rule="none",outcome="refused"} ');
});

test('a rotated Secret is sent by the same pod, which is not restarted', async () => {
  await namespace.apply([secret(TOKENS[1])]);
  // The kubelet refreshes what is mounted when it next looks at a pod: a change of the pod has it look at once.
  await namespace.kubectl('annotate', 'pod', pod.metadata.name, 'example.com/looked-at=now');
  const expected = `Bearer ${TOKENS[1]}`.length;
  await namespace.until(
    'the new token to be sent',
    async () => ((await get('/v1/rotated')).status.result as { length: number }).length === expected || undefined,
    { withinMs: 180_000 },
  );
  const [after, ...more] = await namespace.list<Pod>('pod', '--selector', 'copepod.dev/runtime=default');
  expect(more).toEqual([]);
  expect(after?.metadata.uid).toBe(pod.metadata.uid);
  expect(after?.status.containerStatuses.map(({ restartCount }) => restartCount)).toEqual([0]);
}, 240_000);

test('no token is in a status, an Event, the object of the runtime, or the log of its pod', async () => {
  const all = await namespace.kubectl(
    'get',
    'scriptexecutions,scriptruntimes,events,pods,deployments',
    '--output',
    'json',
  );
  const log = await namespace.kubectl('logs', pod.metadata.name);
  for (const token of TOKENS) {
    for (const form of [token, Buffer.from(token).toString('base64'), encodeURIComponent(token)]) {
      expect(all.includes(form) || log.includes(form)).toBe(false);
    }
  }
});
