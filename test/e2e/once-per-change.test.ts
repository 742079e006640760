import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { useNamespace } from './support/namespace.ts';
import { type ExecutionSpec, execution, reasonOf } from './support/objects.ts';

const namespace = useNamespace('once-per-change');
beforeAll(async () => {
  await namespace.runtime({ image: HOST_FUNCTIONS_IMAGE, pool: { size: 2 } });
});

const SPEC: ExecutionSpec = { source: 'params.n', params: { n: 1 } };

/** Waits until the operator has observed the current spec and its run has finished. */
const settled = async (name: string): Promise<ScriptExecution> =>
  (await namespace.ended([name]))[name] as ScriptExecution;

describe('applying the same manifest again runs nothing', () => {
  test.each([
    ['client-side', []],
    ['server-side', ['--server-side']],
  ])('%s', async (name, args) => {
    await namespace.apply([execution(name, SPEC)], { args });
    const before = await settled(name);
    for (let times = 0; times < 2; times++) await namespace.apply([execution(name, SPEC)], { args });
    const after = await settled(name);
    expect(after.metadata.generation).toBe(1);
    expect(after.status).toEqual(before.status);
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });
});

describe('a change of what is run starts the next run', () => {
  test.each<[string, ExecutionSpec, unknown]>([
    ['params', { params: { n: 2 } }, 2],
    ['the script', { source: '"other"' }, 'other'],
    ['the language', { language: 'TypeScript' }, 1],
    ['context', { context: { tenant: { id: 'other' } } }, 1],
    ['limits', { limits: { timeout: '5s' } }, 1],
    ['rerunToken', { rerunToken: 'again' }, 1],
  ])('%s', async (what, change, result) => {
    const name = `change-${what.replaceAll(/\W+/g, '-').toLowerCase()}`;
    await namespace.outcome(name, SPEC);
    await namespace.patchSpec('scriptexecution', name, change);
    const second = await namespace.until(`run 2 of ${name}`, async () => {
      const found = await settled(name);
      return found.status.run === 2 ? found : undefined;
    });
    expect(second.status).toMatchObject({ run: 2, attempts: 1, result, observedGeneration: 2 });
    expect(reasonOf(second)).toBe('Completed');
  });
});

describe('any other change runs nothing', () => {
  test.each<[string, ExecutionSpec]>([
    ['ttl', { ttlSecondsAfterFinished: 86_400 }],
    ['priority', { priority: 5 }],
    ['backoff-limit', { backoffLimit: 3 }],
    ['suspend', { suspend: true }],
    ['deadline', { startingDeadlineSeconds: 60 }],
  ])('%s', async (name, change) => {
    const before = await namespace.outcome(name, SPEC);
    await namespace.patchSpec('scriptexecution', name, change);
    const { status } = await settled(name);
    expect(status).toMatchObject({ run: 1, observedGeneration: 2, completionTime: before.status.completionTime });
    expect(status.claim).toEqual(before.status.claim);
  });

  test('labels and annotations', async () => {
    const before = await namespace.outcome('labels', SPEC);
    await namespace.kubectl('label', 'scriptexecution', 'labels', 'team=a');
    await namespace.kubectl('annotate', 'scriptexecution', 'labels', 'note=b');
    // Created after the first has finished: by then the operator has observed the first.
    await namespace.outcome('after-labels', SPEC);
    expect((await namespace.execution('labels')).status).toEqual(before.status);
  });
});

test('a change during a run cancels that run, and the new run is recorded', async () => {
  await namespace.start({ moving: { source: 'await clock.sleep(params.ms); params.ms', params: { ms: 25_000 } } });
  await namespace.says('moving', 'Running');
  await namespace.patchSpec('scriptexecution', 'moving', { params: { ms: 1 } });
  const ended = await settled('moving');
  expect(ended.status).toMatchObject({ run: 2, attempts: 1, result: 1 });
});

describe('backoffLimit', () => {
  test('retries a retryable failure, and keeps the history of the first attempt', async () => {
    const { status } = await namespace.outcome('retried', {
      source: 'for (;;);',
      limits: { timeout: '200ms' },
      backoffLimit: 1,
    });
    expect(reasonOf({ status } as ScriptExecution)).toBe('TimeoutExceeded');
    expect(status).toMatchObject({
      run: 1,
      attempts: 2,
      claim: { attempt: 2 },
      attemptHistory: [{ attempt: 1, reason: 'TimeoutExceeded', error: { type: 'TimeoutError', retryable: true } }],
    });
  });

  test('does not retry a permanent failure', async () => {
    const { status } = await namespace.outcome('not-retried', { source: 'throw new Error("m")', backoffLimit: 5 });
    expect(reasonOf({ status } as ScriptExecution)).toBe('RuntimeError');
    expect(status.attempts).toBe(1);
    expect(status).not.toHaveProperty('attemptHistory');
  });
});
