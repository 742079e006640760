import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { ApiProxy } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted, gated } from './support/journal.ts';
import { names } from './support/names.ts';

/** Of each runtime, and so many of one wait beside the many that its neighbours on the other have. */
const VMS = 4;
const WAITING = 100;
const NEIGHBOURS = ['moving-a', 'moving-b', 'moving-c', 'moving-d', 'moving-e'];
const BESIDE = 60;
const SLOWER_MS = 50;
/** Runs that are looked at. */
const NEXT = 120;

let cluster: Cluster;
let proxy: ApiProxy;

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await ApiProxy.start();
  await (await cluster.startOperator({ server: proxy.url })).leads();
  for (const runtime of ['standing', 'moving']) {
    await cluster.makeRuntime(runtime, { pool: { size: VMS, tenantIsolation: 'Isolate' } });
    await cluster.startPod(runtime);
  }
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

/** A tenant's, on the runtime that its name begins with. */
const create = (name: string, tenant: string, source = counted(name)) => {
  const runtimeRef = { name: tenant.split('-')[0] };
  return cluster.executions.create(name, { source, runtimeRef, context: { tenant: { id: tenant } } });
};

test('a line that stood still moves on beside its neighbours, however many of it were about to be told that they wait', async () => {
  const long = names('long', VMS);
  for (const name of long) await create(name, 'standing', gated(name));
  await eventually(() => expect(cluster.journal.ran().toSorted()).toEqual(long));
  proxy.slownessMs = ({ resource }) => (resource === 'scriptexecutions/status' ? SLOWER_MS : 0);
  const waiting = names('standing', WAITING);
  await Promise.all(waiting.map((name) => create(name, 'standing')));
  const beside = NEIGHBOURS.flatMap((tenant) => names(tenant, BESIDE).map((name) => ({ name, tenant })));
  await Promise.all(beside.map(({ name, tenant }) => create(name, tenant)));
  // Notes come after all else: on a busy machine the neighbours get far before some are written. Enough of them are left.
  await eventually(async () => {
    const told = (await cluster.executions.list()).filter(({ status }) => (status.conditions ?? []).length > 0);
    const noted = told.filter(({ spec }) => spec.runtimeRef.name === 'standing').length;
    const moved = cluster.journal.ran().length - long.length;
    expect(noted > WAITING / 4 || moved > beside.length - 1.5 * NEXT).toBe(true);
  }, 90_000);
  const before = cluster.journal.ran().length;
  for (const name of long) cluster.journal.open(name);
  await eventually(() => expect(cluster.journal.ran().length).toBeGreaterThanOrEqual(before + NEXT), 60_000);
  // A sixth is its share, once its long ones are recorded; where it had to wait for all those notes it was a fifteenth and less, mostly.
  const next = cluster.journal.ran().slice(before, before + NEXT);
  expect(next.filter((label) => label.startsWith('standing')).length).toBeGreaterThan(NEXT / 10);
  proxy.slownessMs = () => 0;
  expectOnce(
    await cluster.executions.ended([...long, ...waiting, ...beside.map(({ name }) => name)], 60_000),
    cluster.journal,
  );
}, 300_000);
