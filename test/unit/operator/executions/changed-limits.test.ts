import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LIMITS, RAISED } from '../../../support/limits.ts';
import { until } from '../../../support/until.ts';
import { outcomeOf } from '../../runtime/server/run-requests.ts';
import { Cluster, Leader } from './cluster.ts';

let cluster: Cluster;
let leader: Leader;

beforeEach(() => {
  cluster = new Cluster();
  cluster.addPod('old').result = () => outcomeOf('on the old pod');
  leader = new Leader(cluster);
});
afterEach(async () => await leader.stop());

const limitsOf = (memory: string) => ({ ...cluster.runtimes.get('acme/default')?.spec.limits, memory }) as never;
/** Changes the runtime's spec; the test changes the pods. */
const setMemory = (memory: string): void => {
  cluster.setRuntime({ limits: limitsOf(memory) });
  leader.podsChanged();
};
const message = (key: string): string | undefined =>
  cluster.get(key).status.conditions?.find(({ type }) => type === 'Succeeded')?.message;
const reads = async (key: string, reason: string): Promise<void> =>
  until(`${key} is ${reason}; it is ${cluster.reason(key)}`, () => cluster.reason(key) === reason);

describe('when a runtime’s limits are raised', () => {
  test('an execution waits for a pod with the raised limits, and its status says so', async () => {
    setMemory('128Mi');
    const key = cluster.apply('x');
    await reads(key, 'RuntimeNotReady');
    expect(message(key)).toContain('lower limits');
    expect(cluster.log).not.toContain('write Running');
    cluster.addPod('new', { limits: RAISED }).result = () => outcomeOf('on the new pod');
    leader.podsChanged();
    await reads(key, 'Completed');
    expect(cluster.get(key).status).toMatchObject({ attempts: 1, result: 'on the new pod' });
  });

  test('an execution with lower limits runs on an old pod while the rollout is stuck', async () => {
    setMemory('128Mi');
    const waiting = cluster.apply('waits');
    const key = cluster.apply('x', { limits: { memory: '32Mi' } });
    await reads(key, 'Completed');
    expect(cluster.get(key).status.result).toBe('on the old pod');
    await reads(waiting, 'RuntimeNotReady');
    setMemory('64Mi'); // reverted
    await reads(waiting, 'Completed');
  });

  test('with the only new pod full, an execution with lower limits does not wait behind one with the raised limits', async () => {
    const full = cluster.addPod('new', { capacity: 1, limits: RAISED });
    setMemory('128Mi');
    cluster.apply('first');
    await until('the new pod is full', () => full.active === 1);
    cluster.apply('second', { priority: 9 });
    const key = cluster.apply('x', { limits: { memory: '32Mi' } });
    await reads(key, 'Completed');
    full.end('uid-first.1.1');
    await until('the second occupies the VM', () => full.active === 1);
  });

  test('an execution that a pod refuses as unsuitable is claimed again, and spends no attempt', async () => {
    const [old] = cluster.pods.values();
    if (old !== undefined) old.isUnsuitable = true; // it was started before the change, and has not reported it yet
    const key = cluster.apply('x', { backoffLimit: 0 });
    await reads(key, 'Pending');
    expect(cluster.get(key).status).toMatchObject({ attempts: 0 });
    if (old !== undefined) old.isUnsuitable = false;
    await reads(key, 'Completed');
    expect(cluster.get(key).status.attempts).toBe(1);
  });
});

describe('when a runtime’s limits are lowered', () => {
  test('an execution runs on pods that still have the higher limits', async () => {
    const [old] = cluster.pods.values();
    if (old !== undefined) old.limits = RAISED;
    setMemory('32Mi');
    const key = cluster.apply('x');
    await reads(key, 'Completed');
    expect([...(old?.requests.values() ?? [])].map(({ limits }) => limits.memoryBytes)).toEqual([32 << 20]);
  });

  test('a waiting execution that exceeds the new limits finishes as LimitsRefused', async () => {
    const [old] = cluster.pods.values();
    if (old !== undefined) old.isServing = false;
    const key = cluster.apply('x', { limits: { memory: '64Mi' } });
    await reads(key, 'RuntimeNotReady');
    setMemory('32Mi');
    await reads(key, 'LimitsRefused');
    expect(message(key)).toBe('limits.memory asks for 64Mi, and the runtime allows 32Mi');
  });
});

test('a changed pool, cache or image does not affect waiting executions', async () => {
  cluster.setRuntime({ image: 'other:1', pool: { size: 9 } as never, cache: { enabled: false } as never });
  leader.podsChanged();
  const key = cluster.apply('x');
  await reads(key, 'Completed');
  expect(LIMITS.memoryBytes).toBe(64 << 20);
});
