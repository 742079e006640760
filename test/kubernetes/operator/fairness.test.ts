import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';

const MANY = 300;
/** For each VM: the one that it runs, and two ahead. */
const CLAIMED_AT_ONCE = 3;

let cluster: Cluster;
let operator: OperatorProcess;

beforeAll(async () => {
  cluster = await Cluster.create();
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 1 }, tenants: ['large', 'small'] });
  await cluster.startPod();
}, 60_000);
afterAll(() => cluster?.close());

/** Waits until so many executions stand in line. */
async function inLine(count: number): Promise<void> {
  await eventually(async () => {
    expect((await operator.metrics()).sum('copepod_operator_executions_pending')).toBe(count);
  });
}

test(`${MANY} executions of one tenant hold up neither another tenant's one nor their own urgent one`, async () => {
  const context = (id: string): object => ({ context: { tenant: { id } } });
  await cluster.executions.create('first', { source: gated('first'), ...context('large') });
  await eventually(() => expect(cluster.journal.ran()).toEqual(['first']));
  const names = Array.from({ length: MANY }, (_, index) => `many-${index}`);
  const many = await Promise.all(
    names.map((name) => cluster.executions.create(name, { source: counted(name), ...context('large') })),
  );
  await cluster.executions.create('urgent', { source: counted('urgent'), priority: 10, ...context('large') });
  await cluster.executions.create('small', { source: counted('small'), ...context('small') });
  await inLine(MANY + 2);
  cluster.journal.open('first');

  expectOnce(await cluster.executions.ended(['first', 'urgent', 'small']), cluster.journal);
  await eventually(() => expect(cluster.journal.ran().length).toBeGreaterThan(50));
  const [first, ...order] = cluster.journal.ran();
  expect(first).toBe('first');
  // The order of the runs may differ from that of the claims: one whose write takes long is overtaken by later ones on its way to the pod.
  expect(order.slice(0, CLAIMED_AT_ONCE)).toEqual(expect.arrayContaining(['small', 'urgent']));
  // The rest is claimed by age, in seconds, and then by name.
  const seconds = new Map(many.map(({ metadata }) => [metadata.name, metadata.creationTimestamp ?? '']));
  const byAge = names.map((name) => `${seconds.get(name)} ${name}`).sort();
  const claims = (await cluster.executions.list()).flatMap(({ metadata, status }) => {
    const rank = byAge.indexOf(`${seconds.get(metadata.name)} ${metadata.name}`);
    return rank < 0 || status.claim === undefined ? [] : [{ rank, claimTime: Date.parse(status.claim.claimTime) }];
  });
  claims.sort((one, other) => one.claimTime - other.claimTime || one.rank - other.rank);
  expect(claims.length).toBeGreaterThan(40);
  const overtaken = claims.map(({ rank }, index) => Math.abs(rank - index));
  expect(Math.max(...overtaken)).toBeLessThan(CLAIMED_AT_ONCE);
}, 60_000);
