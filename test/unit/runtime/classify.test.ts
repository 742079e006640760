import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CallEnd, classify } from '../../../src/runtime/classify.ts';
import type { WatchReport } from '../../../src/runtime/limiter.ts';
import { DEFAULT_LIMITS } from '../../../src/runtime/options.ts';
import { VMLostError } from '../../../src/runtime/vm.ts';
import type { RunReport } from '../../../src/runtime/wire/from-sandbox.ts';

const MIB = 1 << 20;
const limits = { ...DEFAULT_LIMITS, memoryBytes: 64 * MIB, cpuTimeMs: 1000, timeoutMs: 2000, apiCalls: 3 };

interface Seen {
  readonly report?: RunReport;
  readonly lost?: VMLostError;
  readonly exceeded?: WatchReport['exceeded'];
  readonly cpuMs?: number;
  readonly wallMs?: number;
  readonly heapBytes?: number;
  readonly tooManyCalls?: boolean;
  readonly tooManyFetchBytes?: boolean;
  readonly tooLargeResponse?: boolean;
}

function endOf(seen: Seen): CallEnd {
  const { report, lost, exceeded, cpuMs = 1, wallMs = 2, heapBytes = 3 } = seen;
  const { tooManyCalls = false, tooManyFetchBytes = false, tooLargeResponse = false } = seen;
  return {
    answer: lost ?? { report: report ?? { kind: 'value', json: '1' }, cpuMs, heapBytes },
    watch: { exceeded, cpuMs, blockedMs: 0, peakGrowthBytes: 0, isBloated: false },
    wallMs,
    tooManyCalls,
    tooManyFetchBytes,
    tooLargeResponse,
  };
}

const lost = new VMLostError('signal SIGKILL');
const lostToMemory = new VMLostError('signal SIGABRT', { outOfMemory: true });
const error = { message: 'Error: x', line: 2, column: 3 };

describe('how a call ended', () => {
  test.each<[string, Seen, { reason: string; type?: string; retryable?: boolean; message?: RegExp }]>([
    ['it returned', {}, { reason: 'Completed' }],
    ['it returned nothing', { report: { kind: 'value', json: null } }, { reason: 'Completed' }],
    [
      'it threw',
      { report: { kind: 'thrown', error } },
      { reason: 'RuntimeError', type: 'RuntimeError', retryable: false, message: /^Error: x$/ },
    ],
    [
      'its result nests too deeply for readers of JSON',
      { report: { kind: 'value', json: `${'['.repeat(101)}${']'.repeat(101)}` } },
      { reason: 'RuntimeError', type: 'RuntimeError', retryable: false, message: /deeper than 100 levels/ },
    ],
    [
      'it passed its time-out',
      { lost, exceeded: 'timeout', wallMs: 2001 },
      { reason: 'TimeoutExceeded', type: 'TimeoutError', retryable: true, message: /more than 2000 ms/ },
    ],
    [
      'it passed its time-out just before it was looked at',
      { wallMs: 2001 },
      { reason: 'TimeoutExceeded', type: 'TimeoutError', retryable: true, message: /more than 2000 ms/ },
    ],
    [
      'it waits for what can never come',
      { report: { kind: 'never-settles' } },
      { reason: 'TimeoutExceeded', type: 'TimeoutError', retryable: true, message: /promise/ },
    ],
    [
      'it passed its processor time',
      { lost, exceeded: 'cpu' },
      { reason: 'CPUTimeExceeded', type: 'TimeoutError', retryable: true, message: /1000 ms of processor time/ },
    ],
    [
      'it says itself that it used more processor time',
      { cpuMs: 1001 },
      { reason: 'CPUTimeExceeded', type: 'TimeoutError', retryable: true, message: /1000 ms of processor time/ },
    ],
    [
      'it passed its memory',
      { lost, exceeded: 'memory' },
      { reason: 'MemoryExceeded', type: 'ResourceError', retryable: false, message: /more than 64 MiB of memory/ },
    ],
    [
      'the engine ran out of memory',
      { lost: lostToMemory },
      { reason: 'MemoryExceeded', type: 'ResourceError', retryable: false, message: /more than 64 MiB of memory/ },
    ],
    [
      'its heap says that it had passed its memory',
      { heapBytes: 64 * MIB + 1 },
      { reason: 'MemoryExceeded', type: 'ResourceError', retryable: false, message: /64 MiB/ },
    ],
    [
      'its isolate was disposed of for memory',
      { report: { kind: 'out-of-memory' } },
      { reason: 'MemoryExceeded', type: 'ResourceError', retryable: false, message: /64 MiB/ },
    ],
    [
      'it called the host too often',
      { lost, tooManyCalls: true },
      { reason: 'APICallsExceeded', type: 'ResourceError', retryable: false, message: /more than 3 calls/ },
    ],
    [
      'fetch sent and received too much',
      { lost, tooManyFetchBytes: true },
      { reason: 'FetchBytesExceeded', type: 'ResourceError', retryable: false, message: /more than 10 MiB/ },
    ],
    [
      'its response is too large',
      { lost, tooLargeResponse: true },
      { reason: 'ResultTooLarge', type: 'ResourceError', retryable: false, message: /more than 64 MiB/ },
    ],
    [
      'its result is too large',
      { report: { kind: 'result-too-large', bytes: 40_000 } },
      { reason: 'ResultTooLarge', type: 'ResourceError', retryable: false, message: /40000 bytes .* at most 32768/ },
    ],
    [
      'its sandbox died of something else',
      { lost },
      { reason: 'SandboxLost', type: 'InternalError', retryable: true, message: /outside the script/ },
    ],
    [
      'its sandbox says what is no JSON',
      { report: { kind: 'value', json: '{' } },
      { reason: 'SandboxLost', type: 'InternalError', retryable: true, message: /protocol/ },
    ],
    ['it was cancelled', { lost, exceeded: 'cancelled' }, { reason: 'Cancelled' }],
  ])('%s', (_, seen, { reason, type, retryable, message }) => {
    const verdict = classify(endOf(seen), limits);
    expect(verdict.reason).toBe(reason);
    expect(verdict.error?.type).toBe(type);
    expect(verdict.error?.retryable).toBe(retryable);
    if (message) expect(verdict.error?.message).toMatch(message);
  });
});

describe('what the supervisor did comes before what the sandbox says', () => {
  const says: Seen = { report: { kind: 'value', json: '"fine"' }, wallMs: 9999, cpuMs: 9999 };
  test.each<[string, Seen, string]>([
    ['cancelled before all', { ...says, exceeded: 'cancelled', tooManyCalls: true }, 'Cancelled'],
    ['too many calls before memory', { lost: lostToMemory, tooManyCalls: true }, 'APICallsExceeded'],
    ['memory before time', { ...says, exceeded: 'memory' }, 'MemoryExceeded'],
    ['processor time before the clock', says, 'CPUTimeExceeded'],
    ['time before an error', { report: { kind: 'thrown', error }, wallMs: 9999 }, 'TimeoutExceeded'],
    ['a killed sandbox that answered first', { ...says, cpuMs: 1, exceeded: 'timeout' }, 'TimeoutExceeded'],
  ])('%s', (_, seen, reason) => {
    expect(classify(endOf(seen), limits).reason).toBe(reason);
  });

  test('exactly at a limit is within it', () => {
    expect(classify(endOf({ cpuMs: 1000, wallMs: 2000, heapBytes: 64 * MIB }), limits).reason).toBe('Completed');
  });
});

describe('results', () => {
  const resultOf = (json: string | null) =>
    classify(endOf({ report: { kind: 'value', json } }), { ...limits, resultBytes: 2 * MIB });

  test('nothing and null are not the same', () => {
    expect(resultOf(null)).toEqual({ reason: 'Completed' });
    expect(resultOf('null')).toEqual({ reason: 'Completed', result: null });
  });

  test('any JSON comes through as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const wellFormed = JSON.parse(JSON.stringify(value).toWellFormed());
        fc.pre(JSON.stringify(wellFormed) === JSON.stringify(value) && !JSON.stringify(value).includes('\\u'));
        expect(resultOf(JSON.stringify(value)).result).toEqual(wellFormed);
      }),
    );
  });

  test.each([
    ['half a character as an escape', '"\\ud800"', '\ufffd'],
    ['half a character as it is', '"\ud800"', '\ufffd'],
    ['in keys and depths', '{"a\\ud800":[{"\\udfff":"\\udc00"}]}', { 'a\ufffd': [{ '\ufffd': '\ufffd' }] }],
    ['a pair as escapes', '"\\ud83d\\ude00"', '😀'],
  ])('what no API takes is replaced: %s', (_, json, value) => {
    expect(resultOf(json)).toEqual({ reason: 'Completed', result: value });
  });

  test.each([
    ['NUL', '{"a\\u0000":["\\u0000",{"\\u0000":"x\\u0000"}]}', { 'a\0': ['\0', { '\0': 'x\0' }] }],
    ['NUL beside U+FFFD', '{"\\u0000":1,"\ufffd":2}', { '\0': 1, '\ufffd': 2 }],
    ['other control characters', '"\\u0001\\u001b\\u007f\u2028"', '\u0001\u001b\u007f\u2028'],
  ])('what the API keeps is kept: %s', (_, json, value) => {
    expect(resultOf(json)).toEqual({ reason: 'Completed', result: value });
  });

  test.each(['{"\\ud800":1,"\\ud801":2}', '[{"a":{"\\ud800":1,"\ufffd":2}}]'])(
    'members that become the same name are an error: %s',
    (json) => {
      const { reason, error } = resultOf(json);
      expect([reason, error?.message]).toEqual([
        'RuntimeError',
        expect.stringContaining('would all be named "\ufffd"'),
      ]);
    },
  );

  test('a hundred levels are not too many, nor are brackets in text', () => {
    expect(resultOf(`${'['.repeat(100)}${']'.repeat(100)}`).reason).toBe('Completed');
    expect(resultOf(JSON.stringify('[{'.repeat(1000))).reason).toBe('Completed');
    expect(resultOf(JSON.stringify(Array(1000).fill(['"', '\\', '\\"']))).reason).toBe('Completed');
  });

  test('a text of a megabyte is looked through without harm', () => {
    expect(resultOf(JSON.stringify('x\\"'.repeat(300_000))).reason).toBe('Completed');
  });

  test('__proto__ is a key like any other', () => {
    const { result } = resultOf('{"__proto__":{"a":"\\u0000"}}');
    expect(Object.keys(result as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });
});

describe('errors', () => {
  test('line, column, stack and causes come along', () => {
    const report = {
      ...error,
      stack: '    at f (script.js:2:3)',
      cause: { message: 'TypeError: y', stack: '    at g' },
    };
    const { error: scriptError } = classify(endOf({ report: { kind: 'thrown', error: report } }), limits);
    expect(scriptError).toMatchObject({
      name: 'ScriptError',
      message: 'Error: x',
      line: 2,
      column: 3,
      stack: 'Error: x\n    at f (script.js:2:3)',
      cause: { message: 'TypeError: y', stack: '    at g' },
    });
  });

  test.each([
    [0, 0, undefined, undefined],
    [0, 5, undefined, undefined],
    [2, 0, 2, undefined],
    [2 ** 53 - 1, 1, undefined, undefined],
    [1, 2 ** 31, 1, undefined],
    [(1 << 20) + 1, 1, (1 << 20) + 1, 1],
    [(1 << 20) + 2, 1, undefined, undefined],
  ])('line %j and column %j are kept as %j and %j: a script may write any into a stack', (...places) => {
    const [line, column, keptLine, keptColumn] = places as number[];
    const report = { kind: 'thrown', error: { message: 'Error: x', line, column } } as RunReport;
    const { error: scriptError } = classify(endOf({ report }), limits);
    expect([scriptError?.line, scriptError?.column]).toEqual([keptLine, keptColumn]);
  });

  test('what no API takes is replaced in messages, stacks and causes', () => {
    const hostile = { message: 'a\udfff', stack: '\ud800', cause: { message: '\0\ud800' } };
    const { error: scriptError } = classify(endOf({ report: { kind: 'thrown', error: hostile } }), limits);
    expect(scriptError?.message).toBe('a\ufffd');
    expect(scriptError?.stack).toBe('a\ufffd\n\ufffd');
    expect(scriptError?.cause).toEqual({ message: '\0\ufffd' });
  });

  test("the supervisor's own errors have no place and no stack of the host", () => {
    const { error: scriptError } = classify(endOf({ lost }), limits);
    expect(scriptError?.line).toBeUndefined();
    expect(scriptError?.stack).toBe(scriptError?.message);
  });
});
