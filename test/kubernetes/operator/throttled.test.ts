import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { ApiProxy, throttled } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { reasonOf } from './support/executions.ts';
import { Jail } from './support/jail.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

/** For executions longer than a request waits: then each of them would ask anew. */
const awaySeconds = (resource: string): number => (resource.startsWith('scriptexecutions') ? 11 : 3);
const THROTTLED_MS = 5000;
/** More writes of executions are not under way by then: it begins with fewer, and has had no time to learn. */
const WORKERS = 8;

let cluster: Cluster;
let proxy: ApiProxy;
let operator: OperatorProcess;
let pods: RuntimePod[];

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await ApiProxy.start();
  operator = await (await cluster.startOperator({ server: proxy.url })).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  pods = await Promise.all([cluster.startPod(), cluster.startPod()]);
}, 60_000);
afterEach(async () => {
  for (const pod of pods) await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
});
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

const names = (prefix: string): string[] => Array.from({ length: 30 }, (_, index) => `${prefix}-${index}`);
const leads = (): number => operator.log.filter(({ message }) => message === 'became leader').length;

describe('an operator that the API server throttles', () => {
  test('stays away for as long as it is asked to, keeps its lease, and loses nothing', async () => {
    const held = ['held-1', 'held-2', 'held-3'];
    for (const name of held) await cluster.executions.create(name, { source: gated(name) });
    await eventually(() => expect(cluster.journal.ran().sort()).toEqual(held));
    proxy.requests.length = 0;
    proxy.trouble = ({ resource }) => throttled(awaySeconds(resource));
    proxy.cutWatches((resource) => resource !== 'scriptexecutions');
    // Outcomes that are to be recorded, and executions that are to be claimed.
    for (const name of held) cluster.journal.open(name);
    for (const name of names('during')) await cluster.executions.create(name, { source: counted(name) });
    await sleep(THROTTLED_MS);
    const refused = proxy.requests.filter(({ status }) => status === 429);
    proxy.trouble = () => undefined;

    const ended = await cluster.executions.ended([...held, ...names('during')], 30_000);
    expectOnce(ended, cluster.journal);
    expect(ended.map(({ status }) => status.attempts)).toEqual(ended.map(() => 1));
    expect(leads()).toBe(1);

    const kinds = Object.groupBy(refused, ({ resource }) => resource.split('/')[0] as string);
    expect(Object.keys(kinds)).toEqual(expect.arrayContaining(['leases', 'pods', 'scriptexecutions']));
    for (const [kind, requests = []] of Object.entries(kinds)) {
      const first = requests[0]?.at ?? 0;
      const early = requests.filter(({ at }) => at < first + awaySeconds(kind) * 1000 - 50);
      // What was under way when the first was refused, and a watch; then nobody comes before the time.
      expect({ kind, isFlood: early.length > WORKERS + 2 }).toEqual({ kind, isFlood: false });
      expect({ kind, early: early.filter(({ at }) => at > first + 500) }).toEqual({ kind, early: [] });
    }
    const metrics = await operator.metrics();
    expect(metrics.sum('rest_client_requests_total', { code: '429' })).toBe(refused.length);
    const seconds = metrics.sum('rest_client_throttled_seconds_total', { resource: 'scriptexecutions/status' });
    expect(seconds).toBeGreaterThan(10);
  }, 60_000);

  test('by its Priority and Fairness goes on where it left off', async () => {
    await cluster.executions.create('jailed', { source: gated('jailed') });
    await eventually(() => expect(cluster.journal.runsOf('jailed')).toBe(1));
    const before = (await operator.metrics()).sum('rest_client_requests_total', { code: '429' });
    const jail = await Jail.around(cluster);
    cluster.journal.open('jailed');
    for (const name of names('jailed')) await cluster.executions.create(name, { source: counted(name) });
    await eventually(async () => {
      const after = (await operator.metrics()).sum('rest_client_requests_total', { code: '429' });
      expect(after).toBeGreaterThan(before + 10);
    });
    expect(cluster.journal.ran().filter((label) => label.startsWith('jailed-'))).toEqual([]);
    expect(reasonOf(await cluster.executions.get('jailed'))).toBe('Running');
    await jail.open();

    expectOnce(await cluster.executions.ended(['jailed', ...names('jailed')]), cluster.journal);
    const retries = { verb: 'update', resource: 'scriptexecutions/status', code: '429' };
    expect((await operator.metrics()).sum('rest_client_request_retries_total', retries)).toBeGreaterThan(0);
    expect(leads()).toBe(1);
  });
});
