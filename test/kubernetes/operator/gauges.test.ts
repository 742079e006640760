import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';

let cluster: Cluster;
let leader: OperatorProcess;
let standby: OperatorProcess;

beforeAll(async () => {
  cluster = await Cluster.create();
  leader = await (await cluster.startOperator()).leads();
  standby = await cluster.startOperator();
}, 60_000);
afterAll(() => cluster?.close());

/** What an operator tells of runtimes, by runtime, what is counted and its state. */
async function gauges(operator: OperatorProcess): Promise<Record<string, number>> {
  const metrics = await operator.metrics();
  const found = ['pods', 'executions'].flatMap((what) =>
    metrics.series(`copepod_operator_runtime_${what}`).map((each) => ({ what, ...each })),
  );
  expect(found.filter(({ labels }) => labels.namespace !== cluster.namespace)).toEqual([]);
  return Object.fromEntries(
    found.map(({ what, labels: { runtime, state }, value }) => [`${runtime} ${what} ${state}`, value]),
  );
}

const of = (runtime: string, [wanted, serving, pending, running]: [number, number, number, number]) => ({
  [`${runtime} pods wanted`]: wanted,
  [`${runtime} pods serving`]: serving,
  [`${runtime} executions pending`]: pending,
  [`${runtime} executions running`]: running,
});

test('the leader tells of each runtime what it has to do and with how many pods; one that waits to lead tells nothing', async () => {
  await cluster.makeRuntime('default', { replicas: 2, pool: { size: 1 } });
  await cluster.makeRuntime('none', { replicas: 0 });
  await cluster.startPod();
  for (const name of ['first', 'second', 'third']) await cluster.executions.create(name, { source: gated(name) });
  await cluster.executions.create('idle', { source: '1', runtimeRef: { name: 'none' } });

  const wanted = { ...of('default', [2, 1, 2, 1]), ...of('none', [0, 0, 1, 0]) };
  await eventually(async () => expect(await gauges(leader)).toEqual(wanted));
  expect((await standby.metrics()).sum('leader_election_master_status')).toBe(0);
  expect(await gauges(standby)).toEqual({});
});

test('the series of a runtime go with it', async () => {
  await cluster.deleteRuntime('none');
  await eventually(async () => expect(await gauges(leader)).toEqual(of('default', [2, 1, 2, 1])));
});

test('the next leader has them, and the one before has them no more', async () => {
  leader.signal('SIGSTOP');
  await standby.leads();
  leader.signal('SIGCONT');
  await eventually(async () => expect(await gauges(standby)).toEqual(of('default', [2, 1, 2, 1])));
  await leader.logged('stopped leading');
  expect(await gauges(leader)).toEqual({});
}, 60_000);
