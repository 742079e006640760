import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster } from '../kubernetes/operator/support/cluster.ts';
import { gated } from '../kubernetes/operator/support/journal.ts';
import type { OperatorProcess } from '../kubernetes/operator/support/operator-process.ts';
import { Schedules } from '../kubernetes/operator/support/schedules.ts';
import { CronJobController, CronJobs } from './cron-jobs.ts';

/** A schedule and a CronJob of the same spec, and when what they start finishes. */
interface Row {
  readonly spec: Readonly<Record<string, unknown>>;
  /** Full minutes after which what has started is finished; undefined: at once. */
  readonly runsUntil?: number;
  /** What the CronJob does otherwise; the docs say so. */
  readonly differs?: true;
}

const EVERY_MINUTE = { schedule: '* * * * *' };
const ROWS: Readonly<Record<string, Row>> = {
  allow: { spec: EVERY_MINUTE },
  'allow-overlap': { spec: EVERY_MINUTE, runsUntil: 7 },
  forbid: { spec: { ...EVERY_MINUTE, concurrencyPolicy: 'Forbid' }, runsUntil: 2.5 },
  replace: { spec: { ...EVERY_MINUTE, concurrencyPolicy: 'Replace' }, runsUntil: 7 },
  deadline: { spec: { ...EVERY_MINUTE, startingDeadlineSeconds: 10 } },
  uneven: { spec: { schedule: '*/2 * * * *' } },
  interval: { spec: { schedule: '@every 90s' } },
  resumed: { spec: { ...EVERY_MINUTE, suspend: true } },
  zone: { spec: { ...EVERY_MINUTE, timeZone: 'Asia/Kathmandu' } },
  'interval-deadline': { spec: { schedule: '@every 70s', startingDeadlineSeconds: 30 }, differs: true },
};
const NAMES = Object.keys(ROWS);

let cluster: Cluster;
let schedules: Schedules;
let cronJobs: CronJobs;
let operator: OperatorProcess;
const controller = new CronJobController();
/** By row, the minutes that something was started for, as they were first seen. */
const started = { schedule: new Map<string, Set<number>>(), cronJob: new Map<string, Set<number>>() };

beforeAll(async () => {
  cluster = await Cluster.create();
  schedules = new Schedules(cluster.api, cluster.namespace);
  cronJobs = new CronJobs(cluster.api, cluster.namespace);
  operator = await (await cluster.startOperator({ events: 'all' })).leads();
  controller.start();
  await cluster.makeRuntime('default', { pool: { size: 24 }, limits: { timeout: '1h' } });
  await cluster.startPod();
}, 900_000);
afterAll(async () => {
  await controller.stop();
  await cluster?.close();
});

const minuteOf = ({ metadata }: { metadata: { name: string } }): number => Number(metadata.name.split('-').at(-1));

function see(seen: Map<string, Set<number>>, name: string, minutes: readonly number[]): void {
  const known = seen.get(name) ?? new Set();
  for (const minute of minutes) known.add(minute);
  seen.set(name, known);
}

/** Looks at what there is, and ends what is over by now. */
async function look(first: number): Promise<void> {
  const passed = (Date.now() - first) / 60_000;
  for (const [name, { runsUntil = 0 }] of Object.entries(ROWS)) {
    const [jobs, executions] = await Promise.all([cronJobs.jobs(name), schedules.executions(name)]);
    see(started.cronJob, name, jobs.map(minuteOf));
    see(started.schedule, name, executions.map(minuteOf));
    if (passed < runsUntil) continue;
    cluster.journal.open(name);
    for (const job of jobs) if (!cronJobs.isOver(job)) await cronJobs.complete(job);
  }
}

async function until(time: number, first: number): Promise<void> {
  while (Date.now() < time) {
    await look(first);
    await sleep(300);
  }
}

/** What the Events of both mean. */
const MEANING: Readonly<Record<string, string>> = {
  JobAlreadyActive: 'already active',
  ExecutionAlreadyActive: 'already active',
  TooManyMissedTimes: 'too many missed',
};

const meanings = (reasons: readonly string[]): string[] =>
  [...new Set(reasons.flatMap((reason) => MEANING[reason] ?? []))].sort();

test('beside a CronJob of the same spec a schedule starts, skips, replaces and catches up at the same times', async () => {
  const first = Math.ceil((Date.now() + 20_000) / 60_000) * 60_000;
  const at = (minutes: number): number => first + minutes * 60_000;
  await sleep(at(0) - 15_000 - Date.now());
  for (const [name, { spec }] of Object.entries(ROWS)) {
    const limits = { successfulJobsHistoryLimit: 100, failedJobsHistoryLimit: 100 };
    const kept = { successfulExecutionsHistoryLimit: 100, failedExecutionsHistoryLimit: 100 };
    await Promise.all([
      cronJobs.create(name, { ...spec, ...limits }),
      schedules.create(name, { source: gated(name) }, { ...spec, ...kept }),
    ]);
  }
  await until(at(2.6), first);
  // Both are down over three full minutes.
  await Promise.all([controller.stop(), operator.end()]);
  await until(at(5.4), first);
  await Promise.all([
    cronJobs.patch('resumed', { suspend: false }),
    schedules.patch('resumed', { spec: { suspend: false } }),
  ]);
  controller.start();
  operator = await (await cluster.startOperator({ events: 'all' })).leads();
  await until(at(7.3), first);

  const table = [];
  for (const name of NAMES) {
    const minutes = (seen: Map<string, Set<number>>): string =>
      [...(seen.get(name) ?? [])]
        .map((minute) => minute - first / 60_000)
        .sort((a, b) => a - b)
        .join(' ');
    const events = (await schedules.events(name)).map(({ reason }) => reason);
    table.push({
      name,
      schedule: [minutes(started.schedule), ...meanings(events)].join(' | '),
      cronJob: [minutes(started.cronJob), ...meanings(await cronJobs.eventReasons(name))].join(' | '),
    });
  }
  process.stderr.write(
    `${table.map(({ name, schedule, cronJob }) => `${name.padEnd(20)} ${schedule.padEnd(40)} ${cronJob}`).join('\n')}\n`,
  );
  const same = table.filter(({ name }) => ROWS[name]?.differs !== true);
  expect(same.map(({ name, schedule }) => ({ name, starts: schedule }))).toEqual(
    same.map(({ name, cronJob }) => ({ name, starts: cronJob })),
  );
}, 700_000);
