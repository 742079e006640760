import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { itemsOf, membersOf, scalarOf } from '../../../../src/cluster/pods/json-text.ts';
import { LARGEST_OUTCOME, outcomeAnswerBytes, outcomeBoundsOf } from '../../../../src/cluster/pods/outcome-bounds.ts';
import { runAnswerOf } from '../../../../src/cluster/pods/outcome-text.ts';

const WIRE = {
  reason: 'Completed',
  result: { a: [1, { b: null }], c: 'x"y\\' },
  logs: [{ time: '2026-11-22T10:00:00.000Z', level: 'info', message: 'hello, "you": {[' }],
  usage: { cpuMilliseconds: 1.5, wallMilliseconds: 2, peakHeapBytes: 3, apiCalls: 0 },
  startTime: '2026-11-22T10:00:00.000Z',
  completionTime: '2026-11-22T10:00:01.000Z',
};
const BOUNDS = { resultBytes: 1024, logsBytes: 1024 };
const finished = (outcome: unknown): string => JSON.stringify({ state: 'finished', outcome });

describe('a pod’s response about a run', () => {
  test('is parsed', () => {
    expect(runAnswerOf(finished(WIRE), BOUNDS)).toEqual({ state: 'finished', outcome: WIRE });
    expect(runAnswerOf('{"state":"running"}', BOUNDS)).toEqual({ state: 'running' });
    expect(runAnswerOf(` { "state" : "finished" , "outcome" : ${JSON.stringify(WIRE, null, 2)} } `, BOUNDS)).toEqual({
      state: 'finished',
      outcome: WIRE,
    });
  });

  test('may have a result up to the limit of its runtime in bytes; a larger one is reported', () => {
    const withResult = (bytes: number) =>
      runAnswerOf(finished({ ...WIRE, result: '€'.repeat((bytes - 2) / 3) }), BOUNDS);
    expect(withResult(1022 + 2 - 2)?.outcome).toMatchObject({ reason: 'Completed' });
    const larger = withResult(1022 + 5)?.outcome;
    expect(larger).toMatchObject({ reason: 'ResultTooLarge', logs: WIRE.logs, usage: WIRE.usage });
    expect(larger).not.toHaveProperty('result');
  });

  test.each<[string, object]>([
    ['the logs', { logs: Array(1000).fill({ time: [[], []], level: {}, message: [] }) }],
    ['the error', { error: { message: [[]], line: {} } }],
    ['the usage', { usage: { apiCalls: [[], [[]]] } }],
    ['an unknown field', { junk: Array(1000).fill([]) }],
  ])('is parsed nowhere but in the result: %s', (_, more) => {
    const parsed = JSON.stringify(runAnswerOf(finished({ ...WIRE, result: 1, ...more }), BOUNDS)?.outcome);
    expect(parsed).not.toContain('[]');
  });

  test('has no logs if the pod returns more lines than possible', () => {
    const more = runAnswerOf(finished({ ...WIRE, logs: Array(1001).fill(WIRE.logs[0]) }), BOUNDS);
    expect(more?.outcome).toMatchObject({ logs: undefined });
  });

  test.each(['', 'x', '[]', '"a"', '{', '{"state":"finished"', '{"a" 1}', '{,}', '{"a":1,}', '{1:2}', '<html>'])(
    'is none: %s',
    (text) => {
      expect(runAnswerOf(text, BOUNDS)).toBeUndefined();
    },
  );

  test('may be as large as a correct one with every character escaped', () => {
    const line = { time: WIRE.startTime, level: 'debug', message: '\u0000'.repeat(256) };
    const largest = {
      ...WIRE,
      result: 'x'.repeat((256 << 10) - 2),
      logs: Array(1000).fill(line).slice(0, 1000),
      error: { type: 'RuntimeError', message: '\u0000'.repeat(32_768), line: 1, column: 1, retryable: false },
    };
    expect(Buffer.byteLength(finished(largest))).toBeLessThan(outcomeAnswerBytes(LARGEST_OUTCOME));
  });
});

describe('the JSON scanner', () => {
  test('finds the members and items that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), (object, array) => {
        const members = membersOf(JSON.stringify(object, null, 1));
        expect([...(members ?? [])].map(([name, text]) => [name, JSON.parse(text)])).toEqual(
          Object.entries(JSON.parse(JSON.stringify(object)) as object),
        );
        expect(itemsOf(JSON.stringify(array), 1000)?.map((text) => JSON.parse(text))).toEqual(
          JSON.parse(JSON.stringify(array)),
        );
      }),
    );
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[{["\\,:\]}a1 ]*$/)), (text) => {
        membersOf(text);
        itemsOf(text, 3);
        scalarOf(text);
        runAnswerOf(text, BOUNDS);
      }),
    );
  });

  test('accepts deep nesting, and only quotes and backslashes', () => {
    expect(itemsOf(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`, 1)).toHaveLength(1);
    expect(membersOf(`{"a":"${'\\\\'.repeat(500_000)}"}`)?.size).toBe(1);
    expect(membersOf(`{${'"'.repeat(999_999)}}`)).toBeUndefined();
  });
});

describe('the bounds of a pod', () => {
  const container = (value: string) => ({ name: 'runtime', env: [{ name: 'COPEPOD_RUNTIME_CONFIG', value }] });
  test.each<[string, string, object | undefined]>([
    [
      'are those of its runtime at its creation',
      JSON.stringify({ limits: { result: '32Ki', logs: 1000 } }),
      { resultBytes: 32_768, logsBytes: 1000 },
    ],
    ['do not exceed those of the API', JSON.stringify({ limits: { result: '1Gi', logs: '1Gi' } }), LARGEST_OUTCOME],
    ['are undefined if it has none', '{}', undefined],
    ['are undefined if they are invalid', 'x', undefined],
  ])('%s', (_, config, bounds) => {
    expect(outcomeBoundsOf(container(config))).toEqual(bounds);
  });
});
