import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../../src/api/json.ts';
import { REASONS } from '../../../../src/api/outcome.ts';
import { projectExecution } from '../../../../src/operator/executions/execution-projection.ts';
import { checkedOutcome } from '../../../../src/operator/executions/outcome-check.ts';
import { endedStatus, retryStatus } from '../../../../src/operator/executions/statuses.ts';
import { accepted, CLAIM, execution, NOW, statusOf } from './objects.ts';

const WIRE = {
  reason: 'Completed',
  result: { a: [null] },
  logs: [{ time: '2026-11-22T10:00:00.001Z', level: 'warn', message: 'hi' }],
  usage: { cpuMilliseconds: 1.5, wallMilliseconds: 2.5, peakHeapBytes: 3, apiCalls: 4 },
  startTime: '2026-11-22T10:00:00.000Z',
  completionTime: '2026-11-22T10:00:00.003Z',
};
const FAILED = { ...WIRE, reason: 'RuntimeError', error: { type: 'RuntimeError', message: 'no', line: 3, column: 7 } };

const before = execution({ status: statusOf('Running', { attempts: 1, claim: CLAIM }) });

/** Whatever a pod says: it can be recorded. */
function recordable(value: JsonValue): void {
  const outcome = checkedOutcome(value);
  if (outcome === undefined) return;
  accepted(before, endedStatus(projectExecution(before), outcome));
  accepted(before, retryStatus(projectExecution(before), outcome, NOW));
}

describe('an outcome', () => {
  test('is what the pod says', () => {
    expect(checkedOutcome(WIRE)).toEqual({
      ...WIRE,
      logs: [{ time: new Date('2026-11-22T10:00:00.001Z'), level: 'warn', message: 'hi' }],
      startTime: new Date('2026-11-22T10:00:00.000Z'),
      completionTime: new Date('2026-11-22T10:00:00.003Z'),
    });
  });

  test('keeps the last lines of a log, however many there are', () => {
    const logs = Array.from({ length: 5000 }, (_, index) => ({ ...WIRE.logs[0], message: String(index) }));
    const kept = checkedOutcome({ ...WIRE, logs })?.logs ?? [];
    expect(kept).toHaveLength(1000);
    expect(kept.at(-1)?.message).toBe('4999');
  });

  test.each([[null], [false], [0], ['']])('keeps a result of %j', (result) => {
    expect(checkedOutcome({ ...WIRE, result })).toHaveProperty('result', result);
  });

  test('has the class that goes with its reason, and is as retryable as that, whatever the pod says', () => {
    for (const [reason, { succeeded, errorType, retryable }] of Object.entries(REASONS)) {
      if (succeeded === 'Unknown') continue;
      const error = { type: 'CompilationError', message: 'no', line: 3, column: 7, retryable: !retryable };
      const expected = errorType === null ? undefined : { ...error, type: errorType, retryable };
      expect(checkedOutcome({ ...WIRE, reason, error })?.error).toEqual(expected);
    }
  });

  test('has an error where its reason calls for one, also where the pod says none', () => {
    const { error: _, ...without } = FAILED;
    expect(checkedOutcome(without)?.error).toEqual({ type: 'RuntimeError', message: '', retryable: false });
  });
});

describe('what is none', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'Completed'],
    ['a list', [WIRE]],
    ['no reason', { ...WIRE, reason: undefined }],
    ['a reason of its own', { ...WIRE, reason: 'Fine' }],
    ['a reason that every object has', { ...WIRE, reason: 'constructor' }],
    ['a reason to wait', { ...WIRE, reason: 'Running' }],
    ['no time', { ...WIRE, startTime: undefined }],
    ['a time that is none', { ...WIRE, completionTime: 'soon' }],
    ['a number for a time', { ...WIRE, completionTime: 5 }],
    ['a year that the API has no digits for', { ...WIRE, completionTime: '+275760-09-13T00:00:00.000Z' }],
    ['a year before the first', { ...WIRE, startTime: '-000001-01-01T00:00:00.000Z' }],
    ['a result that nests deeper than any script’s', { ...WIRE, result: nested(200) }],
    ['a result that nests so deep that reading it breaks', { ...WIRE, result: nested(100_000) }],
  ])('%s', (_, value) => {
    expect(checkedOutcome(value)).toBeUndefined();
  });
});

describe('what is wrong in an outcome', () => {
  test.each<[string, object, object]>([
    ['usage that is none', { usage: 'much' }, { usage: { cpuMilliseconds: 0, apiCalls: 0 } }],
    ['usage below nothing', { usage: { ...WIRE.usage, cpuMilliseconds: -1 } }, { usage: { cpuMilliseconds: 0 } }],
    ['usage past all bounds', { usage: { ...WIRE.usage, peakHeapBytes: 1e300 } }, { usage: { peakHeapBytes: 0 } }],
    ['half a call', { usage: { ...WIRE.usage, apiCalls: 1.5 } }, { usage: { apiCalls: 2 } }],
    ['logs that are none', { logs: { length: 3 } }, { logs: [] }],
    ['a line that is none', { logs: [7] }, { logs: [{ time: new Date(0), level: 'info', message: '' }] }],
    ['a level that is none', { logs: [{ ...WIRE.logs[0], level: 'loud' }] }, { logs: [{ level: 'info' }] }],
    [
      'a line of another age',
      { logs: [{ ...WIRE.logs[0], time: '+012345-01-01T00:00:00Z' }] },
      { logs: [{ time: new Date(0) }] },
    ],
    [
      'a line before the first',
      { ...FAILED, error: { message: 'no', line: 0, column: -1 } },
      { error: { message: 'no' } },
    ],
    ['a column that is a text', { ...FAILED, error: { message: 'no', column: '7' } }, { error: { message: 'no' } }],
    ['a line past 32 bits', { ...FAILED, error: { message: 'no', line: 2 ** 31 } }, { error: { message: 'no' } }],
    ['a message that is none', { ...FAILED, error: { message: { a: 1 } } }, { error: { message: '' } }],
  ])('is left out: %s', (_, wrong, expected) => {
    const value = { ...WIRE, ...wrong };
    expect(checkedOutcome(value)).toMatchObject(expected);
    recordable(JSON.parse(JSON.stringify(value)) as JsonValue);
  });
});

describe('whatever a hostile pod answers', () => {
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

  test('is read without harm', () => {
    fc.assert(fc.property(json, recordable));
  });

  test('and looks like an outcome, can be recorded', () => {
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
