import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { conditionOf, reasonOf } from './support/executions.ts';
import { gated } from './support/journal.ts';

/** Duration without an operator. All times below expire within it. */
const AWAY_MS = 6000;
const DEADLINE_SECONDS = 5;

let cluster: Cluster;
/** When the next operator led, in milliseconds since the epoch. */
let ledAgainAt: number;
let dueAt: number;

const ended = async (name: string): Promise<ScriptExecution> =>
  (await cluster.executions.ended([name]))[0] as ScriptExecution;
const ms = (time: string | undefined): number => Date.parse(time ?? '');

beforeAll(async () => {
  cluster = await Cluster.create();
  const first = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 4 } });
  await cluster.startPod();
  const { executions, journal } = cluster;
  await executions.create('over', { source: '1', ttlSecondsAfterFinished: 3 });
  await executions.create('long', { source: gated('long'), limits: { timeout: '3s' } });
  await executions.create('retried', { source: gated('retried'), limits: { timeout: '100ms' }, backoffLimit: 1 });
  await executions.create('late', {
    source: '1',
    runtimeRef: { name: 'none' },
    startingDeadlineSeconds: DEADLINE_SECONDS,
  });
  await executions.reaches('over', 'Completed');
  await executions.reaches('long', 'Running');
  await executions.reaches('late', 'RuntimeNotFound');
  await eventually(async () => {
    const { status } = await executions.get('retried');
    expect(status).toMatchObject({ attemptHistory: [{ reason: 'TimeoutExceeded' }] });
    dueAt = ms(status.attemptHistory?.[0]?.completionTime) + 1000;
  });
  await first.kill();
  journal.open('retried');
  await sleep(AWAY_MS);
  await cluster.forgetLeader();
  await (await cluster.startOperator()).leads();
  ledAgainAt = Date.now();
}, 90_000);
afterAll(() => cluster?.close());

describe('while no operator is running', () => {
  test("a script's time-out is enforced", async () => {
    const long = await ended('long');
    expect(reasonOf(long)).toBe('TimeoutExceeded');
    expect(long.status.attempts).toBe(1);
    expect(ms(long.status.completionTime)).toBeLessThan(ledAgainAt);
    expect(cluster.journal.runsOf('long')).toBe(1);
  });

  test('the starting deadline keeps running', async () => {
    const late = await ended('late');
    expect(reasonOf(late)).toBe('DeadlineExceeded');
    // Counted from the start of the next operator, it would have been later.
    expect(ms(late.status.completionTime)).toBeLessThan(ledAgainAt + DEADLINE_SECONDS * 1000 - 500);
    expect(conditionOf(late, 'Succeeded')?.message).toContain(`${DEADLINE_SECONDS} s`);
  });

  test("a retry becomes due, and the first attempt's outcome is known", async () => {
    const { status } = await ended('retried');
    expect(status).toMatchObject({
      run: 1,
      attempts: 2,
      result: 'retried is done',
      attemptHistory: [{ attempt: 1, reason: 'TimeoutExceeded' }],
    });
    expect(ms(status.claim?.claimTime)).toBeGreaterThanOrEqual(dueAt);
    expect(cluster.journal.runsOf('retried')).toBe(2);
  });

  test('the TTL keeps running', async () => {
    await eventually(async () => expect(await cluster.executions.find('over')).toBeUndefined());
  });
});
