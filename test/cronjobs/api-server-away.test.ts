import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { currentConnection } from '../api-server/connection.ts';
import { startTcpProxy, type TcpProxy } from '../kubernetes/kube/support/tcp-proxy.ts';
import { Cluster } from '../kubernetes/operator/support/cluster.ts';
import { Schedules } from '../kubernetes/operator/support/schedules.ts';
import { CronJobController, CronJobs } from './cron-jobs.ts';

const EVERY_MINUTE = { schedule: '* * * * *' };
const SPECS: Readonly<Record<string, object>> = {
  ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`every-${index}`, EVERY_MINUTE])),
  forbid: { ...EVERY_MINUTE, concurrencyPolicy: 'Forbid' },
  replace: { ...EVERY_MINUTE, concurrencyPolicy: 'Replace' },
  'short-deadline': { ...EVERY_MINUTE, startingDeadlineSeconds: 10 },
  'long-deadline': { ...EVERY_MINUTE, startingDeadlineSeconds: 200 },
  uneven: { schedule: '*/2 * * * *' },
};
const NAMES = Object.keys(SPECS);
/** In minutes after the first full one. */
const AWAY_FROM = 0.2;
const AWAY_UNTIL = 4.2;
const END = 5.5;

let cluster: Cluster;
let proxy: TcpProxy;
let schedules: Schedules;
let cronJobs: CronJobs;
let controller: CronJobController;

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await startTcpProxy(Number(new URL(currentConnection().url).port));
  const server = `https://127.0.0.1:${proxy.port}`;
  schedules = new Schedules(cluster.api, cluster.namespace);
  cronJobs = new CronJobs(cluster.api, cluster.namespace);
  await (await cluster.startOperator({ server })).leads();
  await cluster.startOperator({ server });
  controller = new CronJobController(kubeconfigOf(server));
  controller.start();
  await cluster.makeRuntime('default', { pool: { size: 4 } });
  await cluster.startPod();
}, 900_000);
afterAll(async () => {
  await controller?.stop();
  await cluster?.close();
  await proxy?.close();
});

/** The administrator's kubeconfig, for another address. */
function kubeconfigOf(server: string): string {
  const config = JSON.parse(readFileSync(join(currentConnection().directory, 'kubeconfig'), 'utf8')) as {
    clusters: { cluster: object }[];
  };
  for (const each of config.clusters) each.cluster = { server, 'insecure-skip-tls-verify': true };
  const file = join(cluster.journal.directory, 'kubeconfig-cronjobs');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

const minuteOf = ({ metadata }: { metadata: { name: string } }): number => Number(metadata.name.split('-').at(-1));

test('after four minutes without an API server nothing starts twice, and all starts of a CronJob are made', async () => {
  const first = Math.ceil((Date.now() + 10_000) / 60_000) * 60_000;
  const at = (minutes: number): number => first + minutes * 60_000;
  const seen = new Map(NAMES.map((name) => [name, { schedule: new Set<number>(), cronJob: new Set<number>() }]));
  const until = async (time: number): Promise<void> => {
    while (Date.now() < time) {
      for (const name of NAMES) {
        const [jobs, executions] = await Promise.all([cronJobs.jobs(name), schedules.executions(name)]);
        for (const job of jobs) {
          seen.get(name)?.cronJob.add(minuteOf(job));
          if (!cronJobs.isOver(job)) await cronJobs.complete(job);
        }
        for (const execution of executions) seen.get(name)?.schedule.add(minuteOf(execution));
      }
      await sleep(500);
    }
  };
  const source = 'export default async () => { await count(context.execution.id); }';
  const kept = { successfulExecutionsHistoryLimit: 100, failedExecutionsHistoryLimit: 100 };
  for (const [name, spec] of Object.entries(SPECS)) {
    await cronJobs.create(name, { ...spec, successfulJobsHistoryLimit: 100, failedJobsHistoryLimit: 100 });
    await schedules.create(name, { source }, { ...spec, ...kept });
  }
  await until(at(AWAY_FROM));
  proxy.refuse(true);
  proxy.cut();
  await until(at(AWAY_UNTIL));
  proxy.refuse(false);
  await until(at(END));

  const relative = (minutes: Iterable<number> | undefined): number[] =>
    [...(minutes ?? [])].map((minute) => minute - first / 60_000).sort((a, b) => a - b);
  const table = NAMES.map((name) => ({
    name,
    schedule: relative(seen.get(name)?.schedule),
    cronJob: relative(seen.get(name)?.cronJob),
  }));
  process.stderr.write(
    `${table.map(({ name, schedule, cronJob }) => `${name.padEnd(20)} ${schedule.join(' ').padEnd(20)} ${cronJob.join(' ')}`).join('\n')}\n`,
  );
  expect(table.filter(({ cronJob }) => cronJob.length === 0)).toEqual([]);
  const lost = ({ schedule, cronJob }: (typeof table)[number]): number[] =>
    cronJob.filter((minute) => !schedule.includes(minute));
  expect(table.filter((row) => lost(row).length > 0)).toEqual([]);

  const executions = await cluster.executions.ended(
    (await cluster.executions.list()).map(({ metadata }) => metadata.name),
    60_000,
  );
  const runs = executions.map(({ metadata }) => cluster.journal.runsOf(metadata.uid ?? ''));
  expect(runs).toEqual(executions.map(() => 1));
  expect(executions.length).toBe(table.reduce((sum, { schedule }) => sum + schedule.length, 0));
}, 600_000);
