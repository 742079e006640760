import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Dispatcher } from '../../../../src/operator/dispatch/dispatcher.ts';
import { until } from '../../../support/until.ts';
import { outcomeOf } from '../../runtime/server/run-requests.ts';
import { Cluster, Leader } from './cluster.ts';

const WRITE_MS = 2;
const FLOOD = 150;

let cluster: Cluster;
let leader: Leader;

beforeEach(() => {
  cluster = new Cluster();
  cluster.writeMs = WRITE_MS;
  cluster.concurrency = { limit: 4, reserved: 1, most: 8 };
});
afterEach(async () => await leader.stop());

/** A namespace with a runtime of four VMs, whose scripts finish at once. */
function addNamespace(namespace: string, tenants: string[] = []): void {
  cluster.setRuntime({ tenants }, namespace);
  cluster.addPod(`of-${namespace}`, { capacity: 4, runtime: `${namespace}/default` }).result = () => outcomeOf('done');
}

const create = (namespace: string, name: string, tenant?: string): string => {
  const spec = tenant === undefined ? {} : { context: { tenant: { id: tenant } } };
  return cluster.apply(name, spec, `uid-${namespace}-${name}`, namespace);
};

const claims = (): string[] => leader.dispatches.filter(({ kind }) => kind === 'claim').map(({ key }) => key);
const isDone = (key: string): boolean => cluster.reason(key) === 'Completed';
/** Counts other writes that begin between the dispatcher's first sight of a new execution and its claim. */
async function dispatchesBeforeClaimOf(create: () => string): Promise<number> {
  const { dispatcher, dispatches } = leader;
  const set = jest.spyOn(dispatcher, 'set');
  const begun = new Map<string, number>();
  set.mockImplementation((work) => {
    if (!begun.has(work.key)) begun.set(work.key, dispatches.length);
    Dispatcher.prototype.set.call(dispatcher, work);
  });
  const key = create();
  await until(`${key} is done`, () => isDone(key));
  set.mockRestore();
  return dispatches.findIndex((each) => each.key === key) - (begun.get(key) ?? Number.NaN);
}

describe('in a flood', () => {
  test('an execution of another namespace is claimed at once, at any time', async () => {
    for (const namespace of ['flood', 'quiet']) addNamespace(namespace);
    for (let index = 0; index < FLOOD; index += 1) create('flood', `x-${index}`);
    leader = new Leader(cluster);
    await until('the flood has started', () => leader.dispatches.length > 20);
    const waits: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      waits.push(await dispatchesBeforeClaimOf(() => create('quiet', `x-${index}`)));
    }
    expect(claims().filter((key) => key.startsWith('flood/')).length).toBeLessThan(FLOOD);
    // The reserved seat is free, or the execution is next.
    expect(Math.max(...waits)).toBeLessThanOrEqual(1);
  });

  test('an execution of another tenant that the runtime lists is the second next', async () => {
    addNamespace('acme', ['many', 'few']);
    for (let index = 0; index < FLOOD; index += 1) create('acme', `x-${index}`, 'many');
    leader = new Leader(cluster);
    await until('the flood has started', () => leader.dispatches.length > 20);
    const waits: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      waits.push(await dispatchesBeforeClaimOf(() => create('acme', `y-${index}`, 'few')));
    }
    expect(claims().length).toBeLessThan(FLOOD);
    // The VMs are shared: writes in progress, and those that free a VM, come first.
    expect(Math.max(...waits)).toBeLessThanOrEqual(2 * 4 + 1);
  });

  test('tenants that the runtime does not list get no share: without spec.tenants the older execution is first', async () => {
    addNamespace('acme');
    const neighbour = Array.from({ length: 10 }, (_, index) => create('acme', `n-${index}`, 'neighbour'));
    await new Promise((resolve) => setTimeout(resolve, 5)); // the flood is younger
    for (let index = 0; index < FLOOD; index += 1) create('acme', `x-${index}`, `invented-${index}`);
    leader = new Leader(cluster);
    await until('twenty are claimed', () => claims().length >= 20);
    expect(claims().slice(0, 10).toSorted()).toEqual(neighbour.toSorted());
  });

  test('every execution of the flood runs exactly once', async () => {
    addNamespace('flood');
    const keys = Array.from({ length: FLOOD }, (_, index) => create('flood', `x-${index}`));
    leader = new Leader(cluster);
    for (const key of keys) await until(`${key} is done`, () => isDone(key));
    // On a slow machine some executions get a status that says that they wait.
    const needed = leader.dispatches.filter(({ kind }) => kind !== 'note');
    await until('every write is over', () => needed.every(({ wrote }) => wrote));
    expect(needed).toHaveLength(2 * FLOOD);
    expect(new Set(cluster.log.filter((line) => line.startsWith('start'))).size).toBe(FLOOD);
  });
});

test('ten overloaded namespaces have equal shares', async () => {
  const namespaces = Array.from({ length: 10 }, (_, index) => `n-${index}`);
  for (const [index, namespace] of namespaces.entries()) {
    addNamespace(namespace);
    // The first two start with a backlog.
    for (let count = 0; count < 40 + (index < 2 ? 40 : 0); count += 1) create(namespace, `x-${count}`);
  }
  leader = new Leader(cluster);
  await until('all are known', () => leader.reconciles >= cluster.cache.size);
  const from = leader.dispatches.length;
  await until('half is done', () => leader.ended.length >= 200);
  // A turn is a write: the next 200, while each namespace has more to do.
  const turns = leader.dispatches.slice(from, from + 200);
  expect(turns).toHaveLength(200);
  const done = namespaces.map((each) => turns.filter(({ key }) => key.startsWith(`${each}/`)).length);
  const jain = done.reduce((sum, x) => sum + x, 0) ** 2 / (10 * done.reduce((sum, x) => sum + x * x, 0));
  expect(jain).toBeGreaterThan(0.99);
});
