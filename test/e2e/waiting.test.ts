import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, reasonOf } from './support/objects.ts';

const namespace = useNamespace('waiting');
const SLEEPY = { image: HOST_FUNCTIONS_IMAGE, pool: { size: 1 } };
beforeAll(async () => {
  await namespace.runtime(SLEEPY);
});

/** The conditions of an execution that is not finished. */
function expectWaiting(object: ScriptExecution, reason: string, message: RegExp): void {
  expect(conditionOf(object, 'Succeeded')).toMatchObject({
    status: 'Unknown',
    reason,
    message: expect.stringMatching(message),
  });
  expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'Unknown', reason });
  expect(conditionOf(object, 'Reconciling')).toMatchObject({ status: 'True', reason });
  expect(conditionOf(object, 'Stalled')).toBeUndefined();
}

describe('an execution that cannot start reports the reason, and starts once it can', () => {
  test('its runtime does not exist', async () => {
    await namespace.start({ early: { source: '1', runtimeRef: { name: 'later' } } });
    const waiting = await namespace.says('early', 'RuntimeNotFound');
    expectWaiting(waiting, 'RuntimeNotFound', /There is no ScriptRuntime "later" in namespace "e2e-waiting-/);
    await namespace.runtime({ pool: { size: 1 } }, 'later');
    expect((await namespace.ended(['early'])).early.status).toMatchObject({ result: 1, run: 1, attempts: 1 });
  });

  test('its runtime has no pod, until kubectl scale adds one', async () => {
    await namespace.runtime({ replicas: 0, pool: { size: 1 } }, 'empty');
    await namespace.start({ patient: { source: '2', runtimeRef: { name: 'empty' } } });
    const waiting = await namespace.says('patient', 'RuntimeNotReady');
    expectWaiting(waiting, 'RuntimeNotReady', /ScriptRuntime "empty" has no ready pod/);
    await namespace.kubectl('scale', 'scriptruntime/empty', '--replicas=1');
    expect((await namespace.ended(['patient'])).patient.status).toMatchObject({ result: 2, run: 1, attempts: 1 });
  });

  test('all VMs are busy', async () => {
    await namespace.start({ busy: { source: 'await clock.sleep(6000); 1' } });
    const running = await namespace.says('busy', 'Running');
    expectWaiting(running, 'Running', /It runs on pod copepod-default-/);
    expect(running.status.claim?.podName).toMatch(/^copepod-default-/);
    await namespace.start({ next: { source: '2' } });
    expectWaiting(await namespace.says('next', 'Pending'), 'Pending', /waits for a free VM/);
    const { busy, next } = await namespace.ended(['busy', 'next']);
    expect([busy.status.result, next.status.result]).toEqual([1, 2]);
    expect(Date.parse(next.status.startTime ?? '')).toBeGreaterThanOrEqual(
      Date.parse(busy.status.completionTime ?? ''),
    );
  });

  test('it is suspended, which kstatus reads as Stalled', async () => {
    await namespace.start({ held: { source: '3', suspend: true } });
    const held = await namespace.says('held', 'Suspended');
    expect(conditionOf(held, 'Succeeded')).toMatchObject({ status: 'Unknown' });
    expect(conditionOf(held, 'Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
    expect(conditionOf(held, 'Stalled')).toMatchObject({ status: 'True', reason: 'Suspended' });
    await namespace.patchSpec('scriptexecution', 'held', { suspend: false });
    expect((await namespace.ended(['held'])).held.status).toMatchObject({ result: 3, run: 1, attempts: 1 });
  });
});

describe('an execution with a starting deadline', () => {
  test('finishes with DeadlineExceeded, without an error of the script', async () => {
    const late = await namespace.outcome('late', {
      source: '1',
      runtimeRef: { name: 'never' },
      startingDeadlineSeconds: 2,
    });
    expect(reasonOf(late)).toBe('DeadlineExceeded');
    expect(conditionOf(late, 'Succeeded')?.message).toBe('The execution did not start within 2 s.');
    expect(late.status).toMatchObject({ attempts: 0 });
    expect(late.status).not.toHaveProperty('error');
  });
});
