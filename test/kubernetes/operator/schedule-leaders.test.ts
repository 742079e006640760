import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { ApiProxy } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import { during, Schedules, ServerTime } from './support/schedules.ts';

const SCHEDULES = Array.from({ length: 30 }, (_, index) => `every-${index}`);
/** What happens around each minute, to whoever leads. */
const TROUBLES = ['killed', 'paused', 'killed', 'API server away'] as const;
const BEFORE_MINUTE_S = 4;

let cluster: Cluster;
let proxy: ApiProxy;
let schedules: Schedules;
let time: ServerTime;
const operators: OperatorProcess[] = [];

const start = async (): Promise<OperatorProcess> => {
  const operator = await cluster.startOperator({ server: proxy.url });
  operators.push(operator);
  return operator;
};

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await ApiProxy.start();
  time = new ServerTime(proxy);
  schedules = new Schedules(cluster.api, cluster.namespace);
  await (await start()).leads();
  await start();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  await cluster.startPod();
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

/** Troubles the leader at a random moment around the minute. */
async function trouble(kind: (typeof TROUBLES)[number], leader: OperatorProcess): Promise<void> {
  await sleep((BEFORE_MINUTE_S - 0.2) * 1000 + Math.random() * 700);
  switch (kind) {
    case 'killed':
      await leader.kill();
      operators.splice(operators.indexOf(leader), 1);
      await start();
      break;
    case 'paused':
      leader.signal('SIGSTOP');
      // Beyond its lease: the other starts what it has not.
      await eventually(() => expect(leaders()).not.toEqual([leader]), 40_000);
      leader.signal('SIGCONT');
      break;
    case 'API server away':
      proxy.trouble = () => ({ status: 503, reason: 'ServiceUnavailable' });
      await sleep(20_000);
      proxy.trouble = () => undefined;
  }
}

/** The operators that lead, as far as they know. */
const leaders = (): OperatorProcess[] =>
  operators.filter(({ log }) => {
    const terms = log.filter(({ message }) => message === 'became leader' || message === 'stopped leading');
    return terms.at(-1)?.message === 'became leader';
  });

test('whatever becomes of the leader around the minute, each schedule starts each time once', async () => {
  const expected: string[] = [];
  const source = 'export default async () => { await count(context.execution.id); }';
  for (const kind of TROUBLES) {
    const minute = time.setBeforeMinute(BEFORE_MINUTE_S);
    await Promise.all(
      SCHEDULES.map(async (name) => {
        const spec = { schedule: during(minute, 1), successfulExecutionsHistoryLimit: 100 };
        if (expected.length === 0) await schedules.create(name, { source }, spec);
        else await schedules.patch(name, { spec });
      }),
    );
    expected.push(...SCHEDULES.map((name) => `${name}-${minute / 60_000}`));
    await trouble(kind, leaders()[0] as OperatorProcess);
    const nudge = SCHEDULES[0] as string;
    await schedules.eventually(
      nudge,
      async () => {
        const all = await schedules.list();
        const wanted = new Date(minute).toISOString().replace('.000Z', 'Z');
        expect(
          all.filter(({ status }) => status.lastScheduleTime !== wanted).map(({ metadata }) => metadata.name),
        ).toEqual([]);
      },
      90_000,
    );
  }
  const executions = await cluster.executions.ended(expected, 60_000);
  expect((await cluster.executions.list()).map(({ metadata }) => metadata.name).sort()).toEqual([...expected].sort());
  const labels = executions.map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, name: metadata.uid ?? '' },
  }));
  expectOnce(labels, cluster.journal);
}, 400_000);
