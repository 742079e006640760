import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../../integration/support/cli.ts';
import { type Selector, selectorsOf } from '../../support/promql.ts';
import { GatewayProcess, outcomeOf } from '../gateway/support/gateway-process.ts';
import { Cluster } from '../operator/support/cluster.ts';
import type { Metrics } from '../operator/support/metrics.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Labels that a scrape adds: docs/monitoring.md. */
const SCRAPED = ['job', 'instance', 'namespace', 'pod'];
const SCRAPED_OF_RUNTIMES = [...SCRAPED, 'runtime'];
/** Metrics of Prometheus itself. */
const OF_PROMETHEUS = ['up'];

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { groups } = parse(read('charts/copepod/files/alerts.yaml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const boards = globSync('charts/copepod/files/dashboards/*.json', { cwd: ROOT }).map((path) => {
  return JSON.parse(read(path)) as { title: string; panels: Panel[] };
});

/** Every query, with where it is. */
const queries: [string, string][] = [
  ...alerts.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...boards.flatMap(({ title, panels }) =>
    panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ expr }): [string, string] => [`${title}, ${panel.title}`, withoutVariables(expr)]),
    ),
  ),
];

/** Grafana's variables, with what it would put there. */
function withoutVariables(query: string): string {
  return query.replaceAll(/\$__(rate_interval|range|interval)/g, '5m').replaceAll(/\$\w+/g, '.*');
}

let cluster: Cluster;
let gateway: GatewayProcess;
/** What each kind of process exports after work of every sort, with the labels that a scrape adds. */
let exported: readonly { readonly metrics: Metrics; readonly scraped: readonly string[] }[];

beforeAll(async () => {
  cluster = await Cluster.create();
  const operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 1 } });
  const pod = await cluster.startPod();
  gateway = await GatewayProcess.start(cluster);
  await cluster.executions.create('one', { source: 'await fetch("https://example.org").catch(() => 1)' });
  await cluster.executions.reaches('one', 'Completed');
  expect(outcomeOf(await gateway.execute({ source: '1' }))).toBe('Completed');
  exported = [
    { metrics: await operator.metrics(), scraped: SCRAPED },
    { metrics: await gateway.metrics(), scraped: SCRAPED },
    { metrics: await pod.metrics(), scraped: SCRAPED_OF_RUNTIMES },
  ];
}, 120_000);
afterAll(async () => {
  await gateway?.close();
  await cluster?.close();
});

const familyOf = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '');

/** What is wrong with a selector; undefined if one kind of process exports what it selects. */
function problemOf({ metric, matchers, groupedBy }: Selector): string | undefined {
  if (OF_PROMETHEUS.includes(metric)) return undefined;
  const sources = exported.filter(
    ({ metrics: { types } }) => types.has(metric) || types.get(familyOf(metric)) === 'histogram',
  );
  if (sources.length === 0) return `${metric} does not exist`;
  const used = new Set([...matchers.map(({ label }) => label), ...groupedBy]);
  const labels = sources.flatMap(({ metrics, scraped }) => {
    const family = metrics.types.has(metric) ? metric : familyOf(metric);
    return [...scraped, 'le', ...(metrics.labelsOf(family) ?? documentedLabels(family))];
  });
  const unknown = [...used].filter((label) => !labels.includes(label));
  return unknown.length === 0 ? undefined : `${metric} has no label ${unknown.join(', ')}`;
}

/** Labels of a metric without series, from the table that test/kubernetes/operator/metrics-table.test.ts checks. */
function documentedLabels(metric: string): string[] {
  const row = [read('docs/operations.md'), read('docs/gateway.md')]
    .flatMap((page) => page.split('\n'))
    .find((line) => line.startsWith('| `') && line.includes(`\`${metric}\``));
  const cells = row?.split('|').slice(2, 4).join(' ') ?? '';
  return [...cells.matchAll(/`([^`]+)`/g)].map(([, label = '']) => label);
}

test('there are queries to look at', () => {
  expect(alerts.length).toBeGreaterThan(20);
  expect(queries.length).toBeGreaterThanOrEqual(alerts.length);
});

test.each(queries)('%s: its metrics exist in a process, with the labels that it uses', (_, query) => {
  const selectors = selectorsOf(query);
  expect(selectors.length).toBeGreaterThan(0);
  expect(selectors.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
});

test('a query of a metric or label that does not exist is found', () => {
  const problems = selectorsOf('sum by (namespce) (rate(copepod_executions_total[5m])) / copepod_executons_total');
  expect(problems.map(problemOf)).toEqual([
    'copepod_executions_total has no label namespce',
    'copepod_executons_total does not exist',
  ]);
  expect(() => selectorsOf('sum by (')).toThrow('syntax error');
});

describe('values of labels', () => {
  /** Labels whose values are a list of the code's, not of the cluster's. */
  const LISTED = ['state', 'class', 'line', 'direction', 'source', 'trigger'];

  test.each(queries)('%s: those that it names are exported', (_, query) => {
    for (const { metric, matchers } of selectorsOf(query)) {
      for (const { label, operator, value } of matchers) {
        if (!LISTED.includes(label)) continue;
        const pattern = new RegExp(`^(?:${value})$`);
        const found = exported
          .flatMap(({ metrics }) => metrics.series(metric))
          .map(({ labels }) => labels[label])
          .filter((each) => each !== undefined);
        const alternatives = operator === '=' ? [value] : value.split('|');
        expect({ metric, label, missing: alternatives.filter((each) => !found.includes(each)) }).toEqual({
          metric,
          label,
          missing: [],
        });
        expect(found.some((each) => pattern.test(each))).toBe(true);
      }
    }
  });
});

describe('docs/runbooks.md', () => {
  const page = read('docs/runbooks.md');

  test('has a section for each alert, and no other', () => {
    const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });

  test.each(alerts)('$alert: its annotation points to its section, which says what to do', ({ alert, annotations }) => {
    expect(annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
    const section = page.split(`## ${alert}\n`)[1]?.split('\n## ')[0] ?? '';
    const parts = [...section.matchAll(/^- \*\*(\w+)\*\*: /gm)].map(([, name]) => name);
    expect(parts).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation']);
  });
});
