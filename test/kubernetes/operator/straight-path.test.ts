import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AuditedRequest, readAuditLog } from '../../api-server/audit.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { conditionOf, reasonOf } from './support/executions.ts';
import { counted } from './support/journal.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

let cluster: Cluster;
let pod: RuntimePod;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  pod = await cluster.startPod();
}, 60_000);
afterAll(() => cluster?.close());

/** All requests of the operator to the API server so far. */
function requests(): AuditedRequest[] {
  const all = readAuditLog(join(currentConnection().directory, 'audit.log'));
  return all.filter(({ user }) => user === cluster.user);
}

describe('an execution on a cluster', () => {
  test('runs on a pod of its runtime, and its outcome is in its status', async () => {
    const source = 'export default ({ who }) => { console.log("hi"); return [who, context.tenant.name] }';
    await cluster.executions.create('hello', {
      source,
      params: { who: 'world' },
      context: { tenant: { id: 'a', name: 'Acme' } },
    });

    const { status } = await cluster.executions.reaches('hello', 'Completed');
    expect(status).toMatchObject({
      observedGeneration: 1,
      run: 1,
      attempts: 1,
      claim: { podName: pod.name, podUID: pod.object.uid, attempt: 1 },
      result: ['world', 'Acme'],
      logs: [{ level: 'info', message: 'hi' }],
      usage: { apiCalls: 0 },
    });
    expect(status.conditions?.map(({ type, status: holds }) => [type, holds])).toEqual([
      ['Succeeded', 'True'],
      ['Ready', 'True'],
    ]);
  });

  test("fails with type, line and column of its script's error, and an Event", async () => {
    await cluster.executions.create('broken', { source: 'const x = 1;\nthrow new Error("no luck");' });

    const failed = await cluster.executions.reaches('broken', 'RuntimeError');
    expect(failed.status.error).toMatchObject({ type: 'RuntimeError', line: 2, retryable: false });
    expect(failed.status.error?.message).toContain('no luck');
    expect(conditionOf(failed, 'Stalled')?.status).toBe('True');
    await eventually(async () => {
      const path = `/apis/events.k8s.io/v1/namespaces/${cluster.namespace}/events`;
      const { items } = await cluster.api.request<{ items: object[] }>('GET', path);
      expect(items).toContainEqual(
        expect.objectContaining({
          type: 'Warning',
          reason: 'RuntimeError',
          regarding: expect.objectContaining({ name: 'broken' }),
        }),
      );
    });
  });

  test('can have its script in a ConfigMap, in TypeScript; sourceDigest identifies the text', async () => {
    await cluster.api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'scripts', namespace: cluster.namespace, labels: { 'copepod.dev/source': 'true' } },
      data: { 'double.ts': 'export default ({ n }: { n: number }): number => 2 * n' },
    });
    await cluster.executions.create('from-config-map', {
      language: 'TypeScript',
      sourceFrom: { configMapKeyRef: { name: 'scripts', key: 'double.ts' } },
      params: { n: 21 },
    });

    const { status } = await cluster.executions.reaches('from-config-map', 'Completed');
    expect(status.result).toBe(42);
    expect(status.sourceDigest).toMatch(/./);
  });

  test('takes two status writes and no other request', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `frugal-${index}`);
    const ended = [];
    // Sequentially: an execution that waits may need a third write.
    for (const name of names) {
      await cluster.executions.create(name, { source: counted(name), params: { name } });
      ended.push(...(await cluster.executions.ended([name])));
    }

    expect(ended.map(reasonOf)).toEqual(names.map(() => 'Completed'));
    expect(cluster.journal.ran().sort()).toEqual([...names].sort());
    await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
    const about = requests().filter(({ name }) => name?.startsWith('frugal-'));
    const writes = about.map(({ verb, resource, code, name }) => `${name}: ${verb} ${resource} ${code}`);
    expect(writes.sort()).toEqual(
      names.flatMap((name) => Array(2).fill(`${name}: update scriptexecutions/status 200`)).sort(),
    );
  });

  test('leaves no further work: afterwards the operator only renews its lease', async () => {
    await cluster.executions.create('last', { source: '1' });
    await cluster.executions.reaches('last', 'Completed');
    await new Promise((resolve) => setTimeout(resolve, 1500));

    const { status } = await cluster.executions.get('last');
    const end = Date.parse(status.completionTime ?? '') + 1000;
    const later = requests().filter(({ receivedAt }) => receivedAt.getTime() > end);
    const others = later.filter(({ resource }) => resource !== 'leases' && resource !== 'scriptruntimes/status');
    expect(others).toEqual([]);
  });
});
