import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { countRequests, readAuditLog } from '../api-server/audit.ts';
import { currentConnection } from '../api-server/connection.ts';
import { Cluster } from '../kubernetes/operator/support/cluster.ts';
import { names } from '../kubernetes/operator/support/names.ts';
import type { OperatorProcess } from '../kubernetes/operator/support/operator-process.ts';
import { during, Schedules } from '../kubernetes/operator/support/schedules.ts';
import { eventually } from '../support/until.ts';

const COUNT = 1000;
const AT_ONCE = 20;

let cluster: Cluster;
let schedules: Schedules;
let operator: OperatorProcess;

beforeAll(async () => {
  cluster = await Cluster.create();
  schedules = new Schedules(cluster.api, cluster.namespace);
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 8 } });
  await cluster.startPod();
}, 900_000);
afterAll(() => cluster?.close());

const audited = () =>
  readAuditLog(join(currentConnection().directory, 'audit.log')).filter(({ user }) => user === cluster.user);

test(`${COUNT} schedules of the same minute each start once`, async () => {
  // Time enough to make them all.
  const minute = Math.ceil((Date.now() + 90_000) / 60_000) * 60_000;
  const waiting = names('at-once', COUNT);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        await schedules.create(
          name,
          { source: 'export default ({ scheduledTime }) => scheduledTime' },
          { schedule: during(minute, 1) },
        );
      }
    }),
  );
  await eventually(async () => {
    const all = await schedules.list();
    expect(all.filter(({ status }) => status.nextScheduleTime === undefined).length).toBe(0);
  }, 120_000);
  expect(Date.now()).toBeLessThan(minute); // else it measures something else
  const cpu = async (): Promise<number> => (await operator.metrics()).sum('process_cpu_seconds_total');
  const before = await cpu();
  const executions = await cluster.executions.ended(
    names('at-once', COUNT).map((name) => `${name}-${minute / 60_000}`),
    600_000,
  );
  await eventually(async () => {
    const open = (await schedules.list()).filter(
      ({ status }) => status.lastSuccessfulTime === undefined || status.activeCount !== 0,
    );
    expect(open.length).toBe(0);
  }, 120_000);
  const after = await cpu();

  const since = (of: readonly (string | undefined)[]): number[] =>
    of.map((time) => (Date.parse(time ?? '') - minute) / 1000).sort((a, b) => a - b);
  const claimed = since(executions.map(({ status }) => status.claim?.claimTime));
  const creates = audited().filter(
    ({ verb, resource, code }) => verb === 'create' && resource === 'scriptexecutions' && code === 201,
  );
  const created = creates.map(({ receivedAt }) => (receivedAt.getTime() - minute) / 1000).sort((a, b) => a - b);
  const writes = countRequests(
    audited().filter(({ verb, receivedAt }) => verb !== 'watch' && receivedAt.getTime() >= minute),
  );
  const figure = (numbers: readonly number[]): string =>
    [numbers[0], numbers[Math.floor(numbers.length / 2)], numbers.at(-1)]
      .map((number) => number?.toFixed(2))
      .join(' / ');
  process.stderr.write(
    [
      `created after the minute, first / median / last, in s: ${figure(created)}`,
      `claimed: ${figure(claimed)}`,
      `processor time of the operator, in s: ${(after - before).toFixed(1)}`,
      ...writes.map(({ verb, resource, count }) => `${count} ${verb} ${resource}`),
      '',
    ].join('\n'),
  );
  expect(creates.length).toBe(COUNT);
  expect(executions.map(({ status }) => status.attempts)).toEqual(executions.map(() => 1));
}, 900_000);
