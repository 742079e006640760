import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeExecution } from '../../../src/api/defaults.ts';
import { runDigest } from '../../../src/api/digest.ts';
import type { JsonValue } from '../../../src/api/json.ts';
import { finishedStatus, type OutcomeInput } from '../../../src/api/status.ts';
import { storableJson } from '../../../src/api/storable-json.ts';
import { validateObject } from '../../../src/api/validate.ts';

const execution = makeExecution({ name: 'hello', namespace: 'acme', uid: 'u' }, { source: '1' });

const completed: OutcomeInput = {
  reason: 'Completed',
  result: 'hello',
  logs: [{ time: new Date('2026-11-22T10:00:00.001Z'), level: 'info', message: 'hi' }],
  usage: { cpuMilliseconds: 1.6, wallMilliseconds: 2.4, peakHeapBytes: 1_200_000, apiCalls: 0 },
  startTime: new Date('2026-11-22T10:00:00Z'),
  completionTime: new Date('2026-11-22T10:00:00.003Z'),
};

const failed: OutcomeInput = {
  ...completed,
  reason: 'RuntimeError',
  result: undefined,
  error: { type: 'RuntimeError', message: 'boom', file: 'lib.ts', line: 3, column: 7, retryable: false },
};

/** The status as the status subresource of an API server accepts it. */
function accepted(outcome: OutcomeInput) {
  const status = finishedStatus(execution, outcome, { runDigest: runDigest(execution.spec) });
  const object = JSON.parse(JSON.stringify({ ...execution, status })) as JsonValue;
  const validated = validateObject('ScriptExecution', object, { status: true });
  if (!validated.ok) throw new Error(JSON.stringify(validated.errors));
  return validated.object.status;
}

describe('the status of a finished execution', () => {
  test('has all fields of the outcome', () => {
    expect(accepted(completed)).toEqual({
      observedGeneration: 1,
      conditions: [
        expect.objectContaining({
          type: 'Succeeded',
          status: 'True',
          reason: 'Completed',
          message: 'The script completed.',
        }),
        expect.objectContaining({ type: 'Ready', status: 'True' }),
      ],
      run: 1,
      runDigest: expect.stringMatching(/^v1:[0-9a-f]{64}$/),
      attempts: 1,
      startTime: '2026-11-22T10:00:00.000000Z',
      completionTime: '2026-11-22T10:00:00.003000Z',
      result: 'hello',
      logs: [{ time: '2026-11-22T10:00:00.001000Z', level: 'info', message: 'hi' }],
      usage: { cpuMilliseconds: 2, wallMilliseconds: 2, peakHeapBytes: 1_200_000, apiCalls: 0 },
    });
  });

  test('has the error, and no result', () => {
    const status = accepted(failed);
    expect(status.error).toEqual(failed.error);
    expect(status).not.toHaveProperty('result');
    expect(status.conditions?.[0]?.message).toBe('boom');
  });

  test('omits line and column if the error has none', () => {
    const error = {
      type: 'TimeoutError',
      message: 'too slow',
      line: undefined,
      column: undefined,
      retryable: true,
    } as const;
    expect(accepted({ ...failed, reason: 'TimeoutExceeded', error }).error).toEqual({
      type: 'TimeoutError',
      message: 'too slow',
      retryable: true,
    });
  });

  test('keeps a result of null, and has none for undefined', () => {
    expect(accepted({ ...completed, result: null })).toHaveProperty('result', null);
    expect(accepted({ ...completed, result: undefined })).not.toHaveProperty('result');
  });

  test('keeps nulls inside a result', () => {
    const result = { a: null, b: [null], c: { d: null } };
    expect(accepted({ ...completed, result }).result).toEqual(result);
  });

  test('has storable text', () => {
    const message = 'a\0b\ud800';
    const status = accepted({
      ...failed,
      error: { type: 'RuntimeError', message, retryable: false },
      logs: [{ time: new Date(0), level: 'error', message }],
    });
    expect([status.error?.message, status.logs?.[0]?.message, status.conditions?.[0]?.message]).toEqual(
      Array(3).fill('a\0b\uFFFD'),
    );
  });

  test('is within the bounds of the API for any outcome', () => {
    const huge = 'x'.repeat(300_000);
    const line = { time: new Date(0), level: 'info', message: 'x' } as const;
    const status = accepted({
      ...failed,
      error: { type: 'RuntimeError', message: huge, file: huge, line: 1, column: 1, retryable: false },
      logs: [...Array(5000).fill(line), { ...line, message: huge }],
    });
    expect(status.error?.message).toHaveLength(32_768);
    expect(status.error?.file).toHaveLength(520);
    expect(status.logs).toHaveLength(1000);
    expect(status.logs?.at(-1)?.message).toHaveLength(262_144);
  });

  test('has run, attempts and the digests', () => {
    const info = { run: 4, runDigest: 'v1:x', attempts: 2, sourceDigest: `sha256:${'0'.repeat(64)}` };
    expect(finishedStatus(execution, completed, info)).toMatchObject(info);
  });
});

test('storableJson keeps every well-formed text as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as JsonValue;
      const stored = JSON.stringify(storableJson(json));
      expect(stored).toBe(JSON.stringify(json));
    }),
  );
});

test('a member named __proto__ is kept', () => {
  const value = JSON.parse('{"__proto__":{"a":1}}') as JsonValue;
  expect(JSON.stringify(storableJson(value))).toBe('{"__proto__":{"a":1}}');
});
