import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { conditionOf } from './support/executions.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
}, 60_000);
afterAll(() => cluster?.close());

test('a running script in a namespace that is being deleted is cancelled, and no other starts there', async () => {
  await cluster.makeRuntime('web', { pool: { size: 1 } });
  const pod = await cluster.startPod('web');
  await cluster.executions.create('long', {
    runtimeRef: { name: 'web' },
    source: `await count('long'); await gate('long')`,
  });
  await cluster.executions.create('next', { runtimeRef: { name: 'web' }, source: '1' });
  await eventually(() => expect(cluster.journal.runsOf('long')).toBe(1));

  // Like the namespace controller: pods first, and executions only when no pod is left.
  await cluster.api.request('DELETE', `/api/v1/namespaces/${cluster.namespace}`);
  await pod.object.markDeleted();

  await eventually(() => expect(cluster.journal.wasStoppedAt('long')).toBe(true));
  await cluster.executions.reaches('long', 'Cancelled');
  const waiting = await cluster.executions.reaches('next', 'RuntimeNotReady');
  expect(conditionOf(waiting, 'Succeeded')?.message).toBe(
    `Namespace "${cluster.namespace}" is being deleted: no execution starts.`,
  );
});
