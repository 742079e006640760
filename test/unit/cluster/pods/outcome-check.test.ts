import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../../src/api/json.ts';
import { REASONS } from '../../../../src/api/outcome.ts';
import { checkedCompilation, checkedOutcome } from '../../../../src/cluster/pods/outcome-check.ts';
import { projectExecution } from '../../../../src/operator/executions/execution-projection.ts';
import { endedStatus, retryStatus } from '../../../../src/operator/executions/statuses.ts';
import { accepted, CLAIM, execution, NOW, statusOf } from '../../operator/executions/objects.ts';

const WIRE = {
  reason: 'Completed',
  result: { a: [null] },
  logs: [{ time: '2026-11-22T10:00:00.001Z', level: 'warn', message: 'hi' }],
  usage: { cpuMilliseconds: 1.5, wallMilliseconds: 2.5, peakHeapBytes: 3, apiCalls: 4 },
  startTime: '2026-11-22T10:00:00.000Z',
  completionTime: '2026-11-22T10:00:00.003Z',
};
const PLACE = { file: 'lib.ts', line: 3, column: 7 };
const FAILED = { ...WIRE, reason: 'RuntimeError', error: { type: 'RuntimeError', message: 'no', ...PLACE } };

const before = execution({ status: statusOf('Running', { attempts: 1, claim: CLAIM }) });

/** Asserts that the API server can store the checked outcome. */
function recordable(value: JsonValue): void {
  const outcome = checkedOutcome(value);
  if (outcome === undefined) return;
  accepted(before, endedStatus(projectExecution(before), outcome));
  accepted(before, retryStatus(projectExecution(before), outcome, NOW));
}

describe('an outcome', () => {
  test('is taken as the pod reports it', () => {
    expect(checkedOutcome(WIRE)).toEqual({
      ...WIRE,
      logs: [{ time: new Date('2026-11-22T10:00:00.001Z'), level: 'warn', message: 'hi' }],
      startTime: new Date('2026-11-22T10:00:00.000Z'),
      completionTime: new Date('2026-11-22T10:00:00.003Z'),
    });
  });

  test('keeps the last lines of a long log', () => {
    const logs = Array.from({ length: 5000 }, (_, index) => ({ ...WIRE.logs[0], message: String(index) }));
    const kept = checkedOutcome({ ...WIRE, logs })?.logs ?? [];
    expect(kept).toHaveLength(1000);
    expect(kept.at(-1)?.message).toBe('4999');
  });

  test.each([[null], [false], [0], ['']])('keeps a result of %j', (result) => {
    expect(checkedOutcome({ ...WIRE, result })).toHaveProperty('result', result);
  });

  test('has the error type and the retryability of its reason, whatever the pod reports', () => {
    for (const [reason, { succeeded, errorType, retryable }] of Object.entries(REASONS)) {
      if (succeeded === 'Unknown') continue;
      const error = { type: 'CompilationError', message: 'no', ...PLACE, retryable: !retryable };
      const expected = errorType === null ? undefined : { ...error, type: errorType, retryable };
      expect(checkedOutcome({ ...WIRE, reason, error })?.error).toEqual(expected);
    }
  });

  test('has an error if its reason requires one, even if the pod reports none', () => {
    const { error: _, ...without } = FAILED;
    expect(checkedOutcome(without)?.error).toEqual({ type: 'RuntimeError', message: '', retryable: false });
  });
});

describe('not an outcome', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'Completed'],
    ['a list', [WIRE]],
    ['no reason', { ...WIRE, reason: undefined }],
    ['an unknown reason', { ...WIRE, reason: 'Fine' }],
    ['a property of Object.prototype as reason', { ...WIRE, reason: 'constructor' }],
    ['a reason of a waiting or running execution', { ...WIRE, reason: 'Running' }],
    ['no time', { ...WIRE, startTime: undefined }],
    ['an invalid time', { ...WIRE, completionTime: 'soon' }],
    ['a number as time', { ...WIRE, completionTime: 5 }],
    ['a year with more than four digits', { ...WIRE, completionTime: '+275760-09-13T00:00:00.000Z' }],
    ['a negative year', { ...WIRE, startTime: '-000001-01-01T00:00:00.000Z' }],
    ['a result nested deeper than the limit', { ...WIRE, result: nested(200) }],
    ['a result nested too deep to be parsed', { ...WIRE, result: nested(100_000) }],
  ])('%s', (_, value) => {
    expect(checkedOutcome(value)).toBeUndefined();
  });
});

describe('an invalid field of an outcome', () => {
  test.each<[string, object, object]>([
    ['usage that is no object', { usage: 'much' }, { usage: { cpuMilliseconds: 0, apiCalls: 0 } }],
    ['negative usage', { usage: { ...WIRE.usage, cpuMilliseconds: -1 } }, { usage: { cpuMilliseconds: 0 } }],
    ['usage out of range', { usage: { ...WIRE.usage, peakHeapBytes: 1e300 } }, { usage: { peakHeapBytes: 0 } }],
    ['a fractional number of calls', { usage: { ...WIRE.usage, apiCalls: 1.5 } }, { usage: { apiCalls: 2 } }],
    ['logs that are no array', { logs: { length: 3 } }, { logs: [] }],
    ['a log line that is no object', { logs: [7] }, { logs: [{ time: new Date(0), level: 'info', message: '' }] }],
    ['an unknown level', { logs: [{ ...WIRE.logs[0], level: 'loud' }] }, { logs: [{ level: 'info' }] }],
    [
      'a log line with a time out of range',
      { logs: [{ ...WIRE.logs[0], time: '+012345-01-01T00:00:00Z' }] },
      { logs: [{ time: new Date(0) }] },
    ],
    [
      'a line number below 1',
      { ...FAILED, error: { message: 'no', line: 0, column: -1 } },
      { error: { message: 'no' } },
    ],
    ['a column that is a string', { ...FAILED, error: { message: 'no', column: '7' } }, { error: { message: 'no' } }],
    [
      'a line number over 32 bits',
      { ...FAILED, error: { message: 'no', line: 2 ** 31 } },
      { error: { message: 'no' } },
    ],
    ['a file that is no string', { ...FAILED, error: { message: 'no', file: ['a'] } }, { error: { message: 'no' } }],
    [
      'a file with a long name',
      { ...FAILED, error: { message: 'no', file: 'x'.repeat(10_000) } },
      { error: { message: 'no' } },
    ],
    ['a message that is no string', { ...FAILED, error: { message: { a: 1 } } }, { error: { message: '' } }],
  ])('is dropped or replaced: %s', (_, wrong, expected) => {
    const value = { ...WIRE, ...wrong };
    expect(checkedOutcome(value)).toMatchObject(expected);
    recordable(JSON.parse(JSON.stringify(value)) as JsonValue);
  });
});

describe('any response of a hostile pod', () => {
  const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }) as fc.Arbitrary<JsonValue>;
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\0', '\ud800', 'x'.repeat(40_000)));
  const time = fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom('2026-11-22', '2026-11-22T10:00:00+25:00', '0', '1e9', 'Tue Mar 01 2022', '0000-01-01T00:00:00Z'),
    text,
  );
  const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(1e308, -1, 0.5, 2 ** 31, 2 ** 63));
  const garbage = <T>(good: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: json });
  const outcome = fc.record(
    {
      reason: garbage(fc.constantFrom(...Object.keys(REASONS))),
      result: json,
      error: garbage(
        fc.record({ type: garbage(text), message: garbage(text), line: garbage(number), column: garbage(number) }),
      ),
      logs: garbage(
        fc.array(
          fc.record({ time: garbage(time), level: garbage(fc.constantFrom('info', 'loud')), message: garbage(text) }),
        ),
      ),
      usage: garbage(
        fc.record({
          cpuMilliseconds: garbage(number),
          wallMilliseconds: garbage(number),
          peakHeapBytes: garbage(number),
          apiCalls: garbage(number),
        }),
      ),
      startTime: garbage(time),
      completionTime: garbage(time),
    },
    { requiredKeys: ['reason', 'startTime', 'completionTime'] },
  );

  test('is read without an exception', () => {
    fc.assert(fc.property(json, recordable));
  });

  test('that is taken as an outcome can be stored', () => {
    fc.assert(
      fc.property(outcome, (value) => recordable(JSON.parse(JSON.stringify(value)) as JsonValue)),
      {
        numRuns: 1000,
      },
    );
  });
});

function nested(levels: number): JsonValue {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as JsonValue;
}

describe('what a pod says of a compilation', () => {
  test.each([
    [{}, {}],
    [{ error: { message: 'no', ...PLACE } }, { error: { message: 'no', ...PLACE } }],
    [{ error: 7 }, { error: { message: '' } }],
    [null, undefined],
  ])('%j is %j', (said, checked) => {
    expect(checkedCompilation(said)).toEqual(checked);
  });

  test('is kept short: many are kept', () => {
    const long = 'x'.repeat(200_000);
    const { message = '', file = '' } = checkedCompilation({ error: { message: long, file: long } })?.error ?? {};
    expect([message.length, message.slice(-2), file.length]).toEqual([4096, 'x…', 1024]);
  });
});
