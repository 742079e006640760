import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { counted } from './support/journal.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

/** The pod's program runs on a kernel that refuses seccomp filters. */
const DENIED = {
  env: { NODE_OPTIONS: `--import ${new URL('../../security/support/deny-seccomp.ts', import.meta.url).href}` },
};
const REFUSED = { seccomp: 'Inactive', permissionModel: 'Active', reason: 'the kernel refuses seccomp filters' };
const ACTIVE = { seccomp: 'Active', permissionModel: 'Active' };

let cluster: Cluster;
let refused: RuntimePod;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
}, 60_000);
afterAll(() => cluster?.close());

const statusOf = async (name: string) => (await cluster.getRuntime(name)).status;
const conditionOf = async (name: string, type: string) =>
  (await statusOf(name)).conditions?.find((each) => each.type === type);
async function hasCondition(name: string, type: string, reason: string): Promise<string> {
  return await eventually(async () => {
    const condition = await conditionOf(name, type);
    expect(condition).toMatchObject({ status: 'True', reason });
    return condition?.message ?? '';
  }, 20_000);
}

test('a runtime tells that its sandboxes run under the seccomp filter, and its pod logs it', async () => {
  await cluster.makeRuntime('filtered', { pool: { size: 1 } });
  const pod = await cluster.startPod('filtered');
  expect(await pod.process.logged('sandboxes are contained')).toMatchObject({ level: 'info', ...ACTIVE });
  await eventually(async () => expect((await statusOf('filtered')).containment).toEqual(ACTIVE), 20_000);
  expect(await conditionOf('filtered', 'SeccompInactive')).toBeUndefined();
}, 60_000);

test('where the kernel refuses the filter, a pod starts no sandbox, and the runtime names the way around', async () => {
  await cluster.makeRuntime('default', { pool: { size: 1 } });
  await cluster.executions.create('waits', { source: counted('waits') });
  refused = await cluster.startPod('default', DENIED);
  const { error } = await refused.process.logged('no VM can be started', 20_000);
  expect(error).toMatchObject({ message: expect.stringContaining('pool.seccomp: IfAvailable') });

  const message = await hasCondition('default', 'Stalled', 'SeccompRefused');
  expect(message).toMatch(
    /^1 of 1 pods start no sandbox without a seccomp filter: the kernel refuses seccomp filters\./,
  );
  expect(message).toMatch(/ or run without the filter: spec\.pool\.seccomp: IfAvailable\.$/);
  expect(await conditionOf('default', 'Ready')).toMatchObject({ status: 'False', reason: 'SeccompRefused' });
  expect((await statusOf('default')).containment).toEqual(REFUSED);
  await cluster.executions.reaches('waits', 'RuntimeNotReady');
}, 60_000);

test('with IfAvailable the same pod runs executions, and the runtime tells that the filter is missing', async () => {
  await cluster.makeRuntime('default', { pool: { size: 1, seccomp: 'IfAvailable' } });
  await eventually(async () => expect(await conditionOf('default', 'Stalled')).toBeUndefined(), 20_000);
  await refused.terminate();
  const pod = await cluster.startPod('default', DENIED);
  expect(await pod.process.logged('sandboxes run without a seccomp filter')).toMatchObject({
    level: 'warn',
    ...REFUSED,
  });

  await cluster.executions.reaches('waits', 'Completed');
  const message = await hasCondition('default', 'SeccompInactive', 'FilterUnavailable');
  expect(message).toMatch(
    /^The sandboxes of 1 of 1 pods run without a seccomp filter: the kernel refuses seccomp filters\./,
  );
  expect((await statusOf('default')).containment).toEqual(REFUSED);
  expect(await conditionOf('default', 'Ready')).toMatchObject({ status: 'True' });
}, 60_000);
