import { describe, expect, test } from '@jest/globals';
import { makeExecution } from '../../../src/api/defaults.ts';
import type { ScriptEndpoint, ScriptRuntime, ScriptSchedule } from '../../../src/api/types.generated.ts';
import { endpointRow, executionRow, runtimeRow, scheduleRow } from '../../../src/dashboard/rows.ts';

const identity = { uid: 'u', namespace: 'shop', name: 'x', version: '7', created: '2026-11-30T10:00:00Z' };
const metadata = { uid: 'u', namespace: 'shop', name: 'x', resourceVersion: '7', creationTimestamp: identity.created };
const ready = (status: 'True' | 'False', reason: string) => ({
  conditions: [{ type: 'Ready', status, reason, message: '', lastTransitionTime: identity.created }],
});

describe('the row of an execution', () => {
  const execution = (status: object, spec = {}) => {
    const made = makeExecution({ name: 'x', namespace: 'shop' }, { source: '1', ...spec });
    const owner = { apiVersion: 'v1', kind: 'ScriptSchedule', name: 'nightly', uid: 's' };
    return { ...made, metadata: { ...metadata, generation: 1, ownerReferences: [owner] }, status } as typeof made;
  };

  test('has what lists show, and not its source, log or result', () => {
    const row = executionRow(execution({}, { context: { tenant: { id: 'acme' } } }));
    expect(row).toEqual({
      kind: 'executions',
      ...identity,
      runtime: 'default',
      tenant: 'acme',
      state: 'waiting',
      reason: 'Pending',
      since: identity.created,
      schedule: 'nightly',
    });
  });

  test('has the beginning of its error', () => {
    const conditions = [
      { type: 'Succeeded', status: 'False', reason: 'RuntimeError', message: '', lastTransitionTime: identity.created },
    ];
    const error = { type: 'RuntimeError', message: 'x'.repeat(5000), retryable: false };
    const usage = { wallMilliseconds: 12 };
    const row = executionRow(
      execution({ observedGeneration: 1, conditions, completionTime: '2026-11-30T10:00:05Z', error, usage }),
    );
    expect(row).toMatchObject({ state: 'failed', reason: 'RuntimeError', since: '2026-11-30T10:00:05Z', wallMs: 12 });
    expect(row.error).toHaveLength(200);
  });
});

test('the row of a runtime has its load', () => {
  const status = {
    readyReplicas: 2,
    replicas: 3,
    pool: { busy: 5 },
    executions: { total: 9, errors: 1, timeouts: 1, pending: 4 },
    ...ready('True', 'Available'),
  };
  const runtime = { metadata, spec: { replicas: 1, pool: { size: 4 } }, status } as unknown as ScriptRuntime;
  expect(runtimeRow(runtime)).toEqual({
    kind: 'runtimes',
    ...identity,
    ...{ ready: 2, replicas: 3, busy: 5, slots: 8, pending: 4, total: 9, failed: 2, state: 'Available', isWell: true },
  });
});

test('the row of a schedule has its times', () => {
  const spec = { schedule: '@daily', suspend: true };
  const status = { activeCount: 1, nextScheduleTime: '2026-12-01T00:00:00Z', ...ready('True', 'Scheduled') };
  expect(scheduleRow({ metadata, spec, status } as unknown as ScriptSchedule)).toEqual({
    kind: 'schedules',
    ...identity,
    ...{ schedule: '@daily', timeZone: 'UTC', isSuspended: true, active: 1, next: '2026-12-01T00:00:00Z' },
    ...{ state: 'Scheduled', isWell: true },
  });
});

test('the row of an endpoint has its URL, and is pending before the operator has seen it', () => {
  const spec = { runtimeRef: { name: 'default' }, auth: { type: 'None' } };
  const row = (status: object) => endpointRow({ metadata, spec, status } as unknown as ScriptEndpoint);
  expect(row({})).toMatchObject({ url: '', state: 'Pending', isWell: false });
  expect(row({ url: 'https://x', ...ready('False', 'CompilationError') })).toEqual({
    kind: 'endpoints',
    ...identity,
    ...{ url: 'https://x', runtime: 'default', auth: 'None', state: 'CompilationError', isWell: false },
  });
});
