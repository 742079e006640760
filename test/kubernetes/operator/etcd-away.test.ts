import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecutionStatus } from '../../../src/api/types.generated.ts';
import { type RunningApiServer, startApiServer } from '../../api-server/start.ts';
import { eventually } from '../../support/until.ts';
import { type Answer, ApiProxy } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted, gated } from './support/journal.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const TIMED_OUT = { status: 500, reason: 'InternalError', message: 'etcdserver: request timed out' };
const names = Array.from({ length: 60 }, (_, index) => `run-${index}`);

let server: RunningApiServer;
let cluster: Cluster;
let proxy: ApiProxy;
let operator: OperatorProcess;
let pods: RuntimePod[];

beforeAll(async () => {
  server = await startApiServer();
  cluster = await Cluster.create(server.connection);
  proxy = await ApiProxy.start(server.connection);
  operator = await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  pods = await Promise.all([cluster.startPod(), cluster.startPod()]);
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
  await server?.stop();
});

const leads = (): number => operator.log.filter(({ message }) => message === 'became leader').length;
const isLeader = async (): Promise<number> => (await operator.metrics()).sum('leader_election_master_status');

describe('while etcd is unavailable', () => {
  test('for some seconds, nothing is lost and nothing runs twice, although writes fail', async () => {
    await Promise.all(names.map((name) => cluster.executions.create(name, { source: counted(name, 50) })));
    await eventually(() => expect(cluster.journal.ran().length).toBeGreaterThan(10));
    server.etcd('SIGKILL');
    await sleep(4000);
    server.etcd('start');

    expectOnce(await cluster.executions.ended(names, 30_000), cluster.journal);
    for (const pod of pods) await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
  }, 60_000);

  test('for longer than the lease, no operator leads; then it leads again and records the pending outcomes', async () => {
    await eventually(async () => expect(await isLeader()).toBe(1), 30_000);
    const [held, terms] = [['held-1', 'held-2', 'held-3'], leads()];
    for (const name of held) await cluster.executions.create(name, { source: gated(name) });
    await eventually(() => expect(cluster.journal.ran().filter((each) => held.includes(each))).toHaveLength(3));
    server.etcd('SIGSTOP');
    for (const name of held) cluster.journal.open(name); // the writes of their outcomes hang
    await eventually(async () => expect(await isLeader()).toBe(0), 15_000);
    await operator.logged('stopped leading');
    server.etcd('SIGCONT');

    const ended = await cluster.executions.ended(held, 30_000);
    expectOnce(ended, cluster.journal);
    expect(ended.map(({ status }) => status.attempts)).toEqual([1, 1, 1]);
    expect(await isLeader()).toBe(1);
    expect(leads()).toBe(terms + 1);
    const unanswered = { verb: 'update', resource: 'leases', code: '<error>' };
    expect((await operator.metrics()).sum('rest_client_requests_total', unanswered)).toBeGreaterThan(0);
    for (const pod of pods) await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
  }, 90_000);
});

test('an operator that starts while etcd is unavailable waits for it', async () => {
  await operator.end();
  proxy.trouble = () => TIMED_OUT;
  const starting = cluster.startOperator({ server: proxy.url });
  // More requests than the retries of a single one.
  await eventually(() =>
    expect(proxy.requests.filter(({ resource }) => resource === 'secrets').length).toBeGreaterThan(6),
  );
  proxy.trouble = () => undefined;
  operator = await (await starting).leads();
});

describe('a write with an unknown result', () => {
  const late = {
    status: 504,
    reason: 'Timeout',
    message: 'Timeout: request did not complete within the allotted time',
  };
  const isClaim = ({ claim, completionTime }: ScriptExecutionStatus): boolean => !!claim && !completionTime;
  const isOutcome = ({ completionTime }: ScriptExecutionStatus): boolean => completionTime !== undefined;

  const CASES: [string, (status: ScriptExecutionStatus) => boolean, Answer][] = [
    ['claim-done', isClaim, { ...TIMED_OUT, isDone: true }],
    ['claim-not-done', isClaim, TIMED_OUT],
    ['claim-late', isClaim, { ...late, isDone: true }],
    ['outcome-done', isOutcome, { ...TIMED_OUT, isDone: true }],
    ['outcome-not-done', isOutcome, TIMED_OUT],
    ['outcome-late', isOutcome, { ...late, isDone: true }],
  ];

  test('is decided again from the stored object: each runs once, and its outcome is recorded', async () => {
    const left = new Map(CASES.map(([name, isMeant, answer]) => [name, { isMeant, answer }]));
    proxy.trouble = ({ method, resource, body }) => {
      if (method !== 'PUT' || resource !== 'scriptexecutions/status') return undefined;
      const { metadata, status } = body as { metadata: { name: string }; status: ScriptExecutionStatus };
      const trouble = left.get(metadata.name);
      if (!trouble?.isMeant(status)) return undefined;
      left.delete(metadata.name);
      return trouble.answer;
    };
    for (const [name] of CASES) await cluster.executions.create(name, { source: counted(name) });

    const ended = await cluster.executions.ended(CASES.map(([name]) => name));
    expectOnce(ended, cluster.journal);
    expect(ended.map(({ status }) => status.attempts)).toEqual(CASES.map(() => 1));
    expect([...left.keys()]).toEqual([]);
    const metrics = await operator.metrics();
    const writes = { verb: 'update', resource: 'scriptexecutions/status' };
    expect(metrics.sum('rest_client_requests_total', { ...writes, code: '500' })).toBe(4);
    expect(metrics.sum('rest_client_requests_total', { ...writes, code: '504' })).toBe(2);
    for (const pod of pods) await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
  });
});
