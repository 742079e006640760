import { beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { Term } from '../../../src/kube/leadership.ts';
import type { Metrics } from '../../../src/kube/metrics.ts';
import { promMetrics } from '../../../src/kube/prom.ts';
import { type RuntimeLoad, tellOfTerm } from '../../../src/operator/term-gauges.ts';

const load = (runtime: string, more: Partial<RuntimeLoad> = {}): RuntimeLoad => ({
  namespace: 'acme',
  runtime,
  pending: 5,
  running: 4,
  wanted: 3,
  serving: 2,
  ...more,
});

let registry: Registry;
let metrics: Metrics;

beforeEach(() => {
  registry = new Registry();
  metrics = promMetrics(registry);
});

function term(epoch: number, loads: () => readonly RuntimeLoad[], heldForMs = 60_000): Term {
  const made = new Term(epoch, performance.now() + heldForMs);
  const pods = () => ({ serving: 2, starting: 1, ending: 0, left_out: 0, refusing: 0, unreachable: 0 });
  tellOfTerm(metrics, made, {
    pending: () => 5,
    running: () => 4,
    seats: () => ({ taken: 1, limit: 5 }),
    pods,
    runtimes: loads,
  });
  return made;
}

/** The series of the leader's gauges and their values. */
async function series(): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith('copepod_operator_'));
}

const IN_ALL = [
  'copepod_operator_executions_pending 5',
  'copepod_operator_executions_running 4',
  'copepod_operator_dispatch_seats{state="taken"} 1',
  'copepod_operator_dispatch_seats{state="limit"} 5',
  'copepod_operator_pods{state="serving"} 2',
  'copepod_operator_pods{state="starting"} 1',
  ...['ending', 'left_out', 'refusing', 'unreachable'].map((state) => `copepod_operator_pods{state="${state}"} 0`),
];
const of = (runtime: string): string[] => [
  `copepod_operator_runtime_executions{namespace="acme",runtime="${runtime}",state="pending"} 5`,
  `copepod_operator_runtime_executions{namespace="acme",runtime="${runtime}",state="running"} 4`,
  `copepod_operator_runtime_pods{namespace="acme",runtime="${runtime}",state="wanted"} 3`,
  `copepod_operator_runtime_pods{namespace="acme",runtime="${runtime}",state="serving"} 2`,
];
const NOBODY = ['copepod_operator_executions_pending 0', 'copepod_operator_executions_running 0'];

describe('the gauges of a term', () => {
  test('have series of executions and pods for each runtime', async () => {
    const held = term(1, () => [load('default')]);
    expect(await series()).toEqual([...IN_ALL, ...of('default')]);
    held.close();
  });

  test('lose the series of a deleted runtime, and gain those of a new one', async () => {
    let loads = [load('old'), load('kept')];
    const held = term(1, () => loads);
    expect(await series()).toEqual(expect.arrayContaining([...of('old'), ...of('kept')]));
    loads = [load('kept'), load('new')];
    const found = await series();
    expect(found).toEqual(expect.arrayContaining([...of('kept'), ...of('new')]));
    expect(found.join('\n')).not.toContain('old');
    held.close();
  });

  test('have no series after the term, and only those of the next term in the next', async () => {
    const lost = term(1, () => [load('default', { pending: 9 })]);
    lost.lose('somebody else leads');
    expect(await series()).toEqual(NOBODY);
    const next = term(2, () => [load('default')]);
    expect(await series()).toEqual([...IN_ALL, ...of('default')]);
    next.close();
  });

  test('have no series once the term is over by the clock, before any timer fires', async () => {
    term(1, () => [load('default')], 5);
    for (const until = performance.now() + 10; performance.now() < until; );
    expect(await series()).toEqual(NOBODY);
  });
});
