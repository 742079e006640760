import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../../integration/support/cli.ts';
import { Cluster } from './support/cluster.ts';
import { counted } from './support/journal.ts';
import type { Metrics } from './support/metrics.ts';

const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

let cluster: Cluster;
let ofOperator: Metrics;
let ofPod: Metrics;

beforeAll(async () => {
  cluster = await Cluster.create();
  const operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 1 } });
  const pod = await cluster.startPod();
  await cluster.executions.create('one', { source: counted('one') });
  await cluster.executions.reaches('one', 'Completed');
  [ofOperator, ofPod] = await Promise.all([operator.metrics(), pod.metrics()]);
}, 60_000);
afterAll(() => cluster?.close());

interface Row {
  readonly names: readonly string[];
  readonly type: string;
  readonly labels: readonly string[];
}

const spans = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

/** The rows of a section's table. */
function rowsOf(section: string): Row[] {
  const body = page.split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return body
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|'))
    .map(([, names, type = '', labels]) => ({ names: spans(names), type: type.trim(), labels: spans(labels) }));
}

describe.each<[string, () => Metrics]>([
  ['Metrics of the operator', () => ofOperator],
  ['Metrics of a runtime pod', () => ofPod],
])('docs/operations.md, "%s"', (section, read) => {
  const rows = [...rowsOf(section), ...rowsOf('Metrics of every process')];

  test('lists exactly the exported metrics', () => {
    const documented = rows.flatMap(({ names, type }) => names.map((name) => `${name} ${type}`));
    const real = [...read().types].map(([name, type]) => `${name} ${type}`);
    expect(documented.toSorted()).toEqual(real.toSorted());
  });

  test('lists their labels', () => {
    for (const { names, labels } of rows) {
      for (const name of names) {
        const real = read().labelsOf(name);
        if (real !== undefined) expect({ name, labels: real.toSorted() }).toEqual({ name, labels: labels.toSorted() });
      }
    }
  });
});
