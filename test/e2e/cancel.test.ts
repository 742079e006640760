import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, reasonOf } from './support/objects.ts';

const namespace = useNamespace('cancel');
/** Runs longer than any test unless it is cancelled. */
const FOR_TEN_MINUTES = 'console.log("begun"); await clock.sleep(600_000)';

beforeAll(async () => {
  await namespace.runtime({ image: HOST_FUNCTIONS_IMAGE, pool: { size: 1 }, limits: { timeout: '15m' } });
});

function expectCancelled(object: ScriptExecution): void {
  for (const type of ['Succeeded', 'Ready']) {
    expect(conditionOf(object, type)).toMatchObject({ status: 'False', reason: 'Cancelled' });
  }
  expect(object.status).not.toHaveProperty('error');
  expect(object.status).not.toHaveProperty('result');
}

const cancel = (name: string) => namespace.patchSpec('scriptexecution', name, { cancel: true });

describe('spec.cancel', () => {
  test('stops a running execution and keeps its logs', async () => {
    await namespace.start({ running: { source: FOR_TEN_MINUTES } });
    await namespace.logged('running', 'begun');
    await cancel('running');
    const { running } = await namespace.ended(['running']);
    expectCancelled(running);
    expect(running.status).toMatchObject({ attempts: 1, logs: [{ level: 'info', message: 'begun' }] });
  });

  test.each([
    ['pending', { source: '1', runtimeRef: { name: 'none' } }, 'RuntimeNotFound'],
    ['suspended', { source: '1', suspend: true }, 'Suspended'],
  ])('cancels an execution that is %s', async (name, spec, reason) => {
    await namespace.start({ [name]: spec });
    await namespace.says(name, reason);
    await cancel(name);
    const ended = (await namespace.ended([name]))[name] as ScriptExecution;
    expectCancelled(ended);
    expect(ended.status.attempts).toBe(0);
  });

  test('has no effect on a finished execution', async () => {
    const before = await namespace.outcome('over', { source: '1' });
    await cancel('over');
    const { over } = await namespace.ended(['over']);
    expect(over.status).toMatchObject({ result: 1, completionTime: before.status.completionTime, run: 1 });
    expect(reasonOf(over)).toBe('Completed');
  });

  test('is final for its run: removing it starts nothing, and a changed script starts a new run', async () => {
    await namespace.start({ again: { source: 'params.n', params: { n: 1 }, suspend: true } });
    await namespace.says('again', 'Suspended');
    await cancel('again');
    await namespace.ended(['again']);
    await namespace.patchSpec('scriptexecution', 'again', { cancel: false, suspend: false });
    expectCancelled((await namespace.ended(['again'])).again);
    await namespace.patchSpec('scriptexecution', 'again', { params: { n: 2 } });
    const second = await namespace.until('the second run', async () => {
      const found = await namespace.execution('again');
      return reasonOf(found) === 'Completed' ? found : undefined;
    });
    expect(second.status).toMatchObject({ run: 2, result: 2, attempts: 1 });
  });
});

test('deleting a running execution cancels it and frees its VM', async () => {
  await namespace.start({ deleted: { source: FOR_TEN_MINUTES } });
  await namespace.says('deleted', 'Running');
  await namespace.kubectl('delete', 'scriptexecution', 'deleted');
  expect((await namespace.outcome('next', { source: '1' })).status).toMatchObject({ result: 1 });
});
