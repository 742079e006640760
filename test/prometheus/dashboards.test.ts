import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GatewayProcess } from '../kubernetes/gateway/support/gateway-process.ts';
import { Cluster } from '../kubernetes/operator/support/cluster.ts';
import type { OperatorProcess } from '../kubernetes/operator/support/operator-process.ts';
import type { RuntimePod } from '../kubernetes/operator/support/runtime-pod.ts';
import { until } from '../support/until.ts';
import { findProgram, promtool, ROOT } from './programs.ts';
import { PrometheusProcess } from './prometheus-process.ts';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const boards = globSync('charts/copepod/files/dashboards/*.json', { cwd: ROOT }).map((path) => {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { title: string; panels: Panel[] };
});
const queries = boards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr }): [string, string] => [
      `${title}, ${panel.title}`,
      expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*'),
    ]),
  ),
);

/** Panels without data in a run of seconds that nothing goes wrong in: no watch ends, no schedule starts, no pod is full. */
const EMPTY = new Set([
  'Copepod / Operator, Ended watches',
  'Copepod / Operator, Delay of starts',
  'Copepod / Runtimes, Refused requests',
]);

let cluster: Cluster;
let operator: OperatorProcess;
let gateway: GatewayProcess;
let pod: RuntimePod;
let prometheus: PrometheusProcess;
let upstream: Upstream;

beforeAll(async () => {
  findProgram('promtool');
  findProgram('prometheus');
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator({ events: 'all' })).leads();
  upstream = await startUpstream();
  const egress = [{ hosts: ['127.0.0.1'], schemes: ['http'], ports: [upstream.port] }];
  await cluster.makeRuntime('default', { pool: { size: 2 }, egress });
  pod = await cluster.startPod();
  gateway = await GatewayProcess.start(cluster);
  const { namespace, ownNamespace } = cluster;
  prometheus = await PrometheusProcess.start(
    [
      { component: 'operator', pod: 'o', namespace: ownNamespace, port: 'http', address: `127.0.0.1:${operator.port}` },
      { component: 'gateway', pod: 'g', namespace: ownNamespace, port: 'probes', address: `${gateway.address}:8081` },
      // For clients, and not to be scraped.
      { component: 'gateway', pod: 'g', namespace: ownNamespace, port: 'http', address: `${gateway.address}:8080` },
      {
        component: 'runtime',
        pod: pod.name,
        namespace,
        port: 'http',
        address: `${pod.object.address}:8080`,
        runtime: 'default',
      },
    ],
    3,
  );
  await work();
}, 1_800_000); // both programs may have to be built first

afterAll(async () => {
  await prometheus?.close();
  await upstream?.close();
  await gateway?.close();
  await cluster?.close();
});

/**
 * Some of everything, twice: a series that appears with its first event shows no increase, so rates are seen from the second event
 * on, in both of which Prometheus must have looked.
 */
async function work(): Promise<void> {
  for (const round of [1, 2]) {
    const objects: [string, string, string][] = [
      ['completes', 'params.a + 1', 'Completed'],
      ['throws', 'throw new Error("m")', 'RuntimeError'],
      ['loops', 'for (;;);', 'CPUTimeExceeded'],
      ['fetches', `await (await fetch('${upstream.url}')).text()`, 'Completed'],
      ['is-refused', 'await fetch("https://example.org").catch(() => 1)', 'Completed'],
    ];
    for (const [name, source, reason] of objects) {
      await cluster.executions.create(`${name}-${round}`, { source, params: { a: 1 } });
      await cluster.executions.reaches(`${name}-${round}`, reason);
    }
    for (const source of ['1', 'throw 1', '1 +']) await gateway.execute({ source });
    await gateway.execute({ source: '1' }, { query: '?record=Always' });
    await gateway.execute('{}');
    await gateway.execute({ source: '1' }, { token: '' });
    await seen('copepod_operator_executions_total{reason="CPUTimeExceeded"}', round);
    await seen('sum(copepod_executions_total)', 9 * round);
    await seen('sum(copepod_gateway_requests_total)', 6 * round);
    await seen('copepod_gateway_records_total{result="written"}', round);
  }
}

interface Upstream {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A server for requests of scripts. */
async function startUpstream(): Promise<Upstream> {
  const server = createServer((_, response) => void response.end('x'.repeat(1000)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Waits until Prometheus has a value at least twice, so that a rate over it exists. */
async function seen(expr: string, value: number): Promise<void> {
  await until(
    `Prometheus to see ${expr}`,
    async () => {
      const [series] = await prometheus.query(`count_over_time((${expr} >= ${value})[1m:1s])`);
      return Number(series?.value[1] ?? 0) >= 2;
    },
    { withinMs: 60_000, everyMs: 200 },
  );
}

test('the shipped configuration scrapes each process once, with its job, namespace and runtime', async () => {
  const targets = (await prometheus.query('up')).map(({ metric: { job, namespace, pod: name, runtime } }) => ({
    job,
    namespace,
    pod: name,
    runtime,
  }));
  const { namespace, ownNamespace } = cluster;
  expect(targets.toSorted((one, other) => (one.job ?? '').localeCompare(other.job ?? ''))).toEqual([
    { job: 'copepod-gateway', namespace: ownNamespace, pod: 'g' },
    { job: 'copepod-operator', namespace: ownNamespace, pod: 'o' },
    { job: 'copepod-runtime', namespace, pod: pod.name, runtime: 'default' },
  ]);
});

test('there are dashboards', () => {
  expect(boards.map(({ title }) => title).toSorted()).toEqual([
    'Copepod / Gateway',
    'Copepod / Operator',
    'Copepod / Runtimes',
    'Copepod / Tenants',
  ]);
});

test.each(queries)('%s: has data', async (panel, query) => {
  const series = await prometheus.query(query);
  // A quantile or a share of nothing is not a number.
  const numbers = series.filter(({ value }) => !Number.isNaN(Number(value[1])));
  if (!EMPTY.has(panel)) expect(numbers.length).toBeGreaterThan(0);
});

test('every alert is evaluated without an error', async () => {
  const rules = await until('all alerts to be evaluated', async () => {
    const all = await prometheus.rules();
    return all.length > 20 && all.every(({ health }) => health !== 'unknown') ? all : undefined;
  });
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
});

describe("promtool check metrics: names and types keep Prometheus' rules", () => {
  test.each<[string, () => string]>([
    ['the operator', () => `127.0.0.1:${operator.port}`],
    ['the gateway', () => `${gateway.address}:8081`],
    ['a runtime pod', () => `${pod.object.address}:8080`],
  ])('%s', async (_, address) => {
    const text = await (await fetch(`http://${address()}/metrics`)).text();
    expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
  });
});
