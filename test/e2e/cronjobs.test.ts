import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { useNamespace } from './support/namespace.ts';
import type { Found, Manifest } from './support/objects.ts';

/** A spec for a CronJob and a schedule, and what is the same for both beside it. */
interface Row {
  readonly spec: Readonly<Record<string, unknown>>;
  /** How long each start takes, in seconds. */
  readonly runsSeconds?: number;
  /** How many finished ones are kept. */
  readonly kept?: number;
  /** Set after a minute and a half. */
  readonly change?: { readonly suspend: boolean };
}

const EVERY_MINUTE = { schedule: '* * * * *' };
const ROWS: Readonly<Record<string, Row>> = {
  allow: { spec: EVERY_MINUTE },
  overlap: { spec: EVERY_MINUTE, runsSeconds: 100 },
  forbid: { spec: { ...EVERY_MINUTE, concurrencyPolicy: 'Forbid' }, runsSeconds: 100 },
  replace: { spec: { ...EVERY_MINUTE, concurrencyPolicy: 'Replace' }, runsSeconds: 600 },
  suspended: { spec: EVERY_MINUTE, change: { suspend: true } },
  resumed: { spec: { ...EVERY_MINUTE, suspend: true }, change: { suspend: false } },
  'resumed-too-late': {
    spec: { ...EVERY_MINUTE, suspend: true, startingDeadlineSeconds: 10 },
    change: { suspend: false },
  },
  zone: { spec: { ...EVERY_MINUTE, timeZone: 'Asia/Kathmandu' } },
  history: { spec: EVERY_MINUTE, kept: 1 },
};
const NAMES = Object.keys(ROWS);
const KINDS = ['Job', 'ScriptExecution'] as const;
/** What the Events of both mean: a start was left out, or has taken the place of another. */
const MEANING: Readonly<Record<string, string>> = {
  JobAlreadyActive: 'already active',
  ExecutionAlreadyActive: 'already active',
  SuccessfulDelete: 'replaced',
  Replaced: 'replaced',
};

const namespace = useNamespace('cronjobs');
beforeAll(async () => {
  await namespace.runtime({
    image: HOST_FUNCTIONS_IMAGE,
    pool: { size: 16 },
    limits: { timeout: '20m' },
  });
});

function cronJob(name: string, { spec, runsSeconds = 0, kept = 100 }: Row): Manifest {
  const container = {
    name: 'main',
    image: HOST_FUNCTIONS_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', `setTimeout(() => {}, ${runsSeconds * 1000})`],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const pod = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { ...spec, successfulJobsHistoryLimit: kept, jobTemplate: { spec: { template: { spec: pod } } } },
  };
}

const schedule = (name: string, { spec, runsSeconds = 0, kept = 100 }: Row): Manifest => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptSchedule',
  metadata: { name },
  spec: {
    ...spec,
    successfulExecutionsHistoryLimit: kept,
    executionTemplate: { spec: { source: `await clock.sleep(${runsSeconds * 1000})`, limits: { timeout: '15m' } } },
  },
});

const ROOM_TO_APPLY_MS = 30_000;
const untilNextMinuteMs = (): number => 60_000 - (Date.now() % 60_000);

/** The minutes that the Jobs and executions there are were started for, as KIND/ROW → minutes. */
async function startedNow(): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  for (const { kind, metadata } of await namespace.list('jobs.batch,scriptexecutions.copepod.dev')) {
    const [, name, minute] = /^(.+)-(\d+)$/.exec(metadata.name) ?? [];
    const key = `${kind}/${name}`;
    found.set(key, [...(found.get(key) ?? []), Number(minute)]);
  }
  return found;
}

interface EventOf extends Found {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

/** What Events say of a row, with the minute that a replaced start was for. */
async function eventsOf(kind: string, first: number): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const { reason, message, involvedObject } of await namespace.list<EventOf>('events')) {
    const { name } = involvedObject;
    const meaning = MEANING[reason];
    if (involvedObject.kind !== kind || meaning === undefined) continue;
    if (meaning === 'replaced' && ROWS[name]?.spec.concurrencyPolicy !== 'Replace') continue;
    const minute = Number(/-(\d+)\b/.exec(message)?.[1]) - first;
    const text = meaning === 'replaced' ? `${meaning} ${minute}` : meaning;
    found.set(name, [...new Set([...(found.get(name) ?? []), text])].sort());
  }
  return found;
}

test('a schedule starts, skips, replaces and catches up as a CronJob of the same spec does', async () => {
  // All of them are there well before the first minute that they start for, and after the one before it.
  if (untilNextMinuteMs() < ROOM_TO_APPLY_MS) await sleep(untilNextMinuteMs() + 1000);
  const first = Math.ceil(Date.now() / 60_000);
  const firstMs = first * 60_000;
  const started = new Map<string, Set<number>>();
  const see = async (): Promise<void> => {
    for (const [key, minutes] of await startedNow()) {
      const known = started.get(key) ?? new Set();
      for (const minute of minutes) known.add(minute - first);
      started.set(key, known);
    }
  };
  const seeUntil = async (minutes: number): Promise<void> => {
    while (Date.now() < firstMs + minutes * 60_000) {
      await see();
      await sleep(1000);
    }
  };

  await namespace.apply(Object.entries(ROWS).flatMap(([name, row]) => [cronJob(name, row), schedule(name, row)]));
  await seeUntil(1.5);
  for (const [name, { change }] of Object.entries(ROWS)) {
    if (change === undefined) continue;
    await Promise.all(['cronjob', 'scriptschedule'].map((kind) => namespace.patchSpec(kind, name, change)));
  }
  await seeUntil(2.4);

  const table = async (kind: (typeof KINDS)[number], owner: string): Promise<Record<string, string>> => {
    const events = await eventsOf(owner, first);
    const kept = await startedNow();
    const rows = NAMES.map((name): [string, string] => {
      const minutes = [...(started.get(`${kind}/${name}`) ?? [])].sort((a, b) => a - b).join(' ');
      const remaining = (kept.get(`${kind}/${name}`) ?? []).map((minute) => minute - first);
      const history = ROWS[name]?.kept === undefined ? [] : [`keeps ${remaining.join(' ')}`];
      return [name, [minutes, ...(events.get(name) ?? []), ...history].join(' | ')];
    });
    return Object.fromEntries(rows);
  };
  const both = await namespace.until('Jobs and executions of the same minutes', async () => {
    await see();
    const [jobs, executions] = [await table('Job', 'CronJob'), await table('ScriptExecution', 'ScriptSchedule')];
    const isLate = Date.now() > firstMs + 2.8 * 60_000;
    return isLate || JSON.stringify(jobs) === JSON.stringify(executions) ? { jobs, executions } : undefined;
  });
  process.stderr.write(
    `${NAMES.map((name) => `${name.padEnd(20)} ${both.executions[name]?.padEnd(40)} ${both.jobs[name]}`).join('\n')}\n`,
  );
  expect(both.executions).toEqual(both.jobs);
  // The specs have done what they are there for.
  expect(both.jobs).toMatchObject({ allow: '0 1 2', forbid: '0 1 | already active', resumed: '1 2', suspended: '0 1' });
}, 360_000);
