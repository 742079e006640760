import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeFrame, FrameDecoder } from '../../src/api/frame.ts';
import { type CallEnd, classify } from '../../src/runtime/classify.ts';
import { LogBuffer } from '../../src/runtime/log-buffer.ts';
import { DEFAULT_LIMITS } from '../../src/runtime/options.ts';
import { RunClock } from '../../src/runtime/run-clock.ts';
import { checkFromSandbox, type FromSandbox } from '../../src/runtime/wire/from-sandbox.ts';

const BOUNDS = { maxJsonBytes: 4096, maxBlobBytes: 4096 };

describe('what cuts the stream into frames', () => {
  const chunked = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
    const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
    return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
  };
  const cuts = fc.array(fc.nat(), { maxLength: 20 });

  test('gives back what was sent, however it is cut', () => {
    const frames = fc.array(fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.uint8Array({ maxLength: 300 })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(frames, cuts, (sent, places) => {
        const small = sent.filter(([message]) => Buffer.byteLength(JSON.stringify(message)) <= BOUNDS.maxJsonBytes);
        const stream = Buffer.concat(small.map(([message, blob]) => encodeFrame(message, Buffer.from(blob))));
        const decoder = new FrameDecoder(BOUNDS);
        const got = chunked(stream, places).flatMap((chunk) => [...decoder.push(chunk)]);
        expect(got.map(({ message, blob }) => [message, [...blob]])).toEqual(
          small.map(([message, blob]) => [JSON.parse(JSON.stringify(message)), [...blob]]),
        );
      }),
    );
  });

  test('refuses garbage in no other way than as a bad frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), cuts, (bytes, places) => {
        const decoder = new FrameDecoder(BOUNDS);
        try {
          for (const chunk of chunked(Buffer.from(bytes), places)) for (const _ of decoder.push(chunk));
        } catch (error) {
          expect([RangeError.name, SyntaxError.name]).toContain((error as Error).name);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [BOUNDS.maxJsonBytes + 1, 0],
    [0, BOUNDS.maxBlobBytes + 1],
    [0xffffffff, 0xffffffff],
  ])('refuses a frame of %i + %i bytes by its header', (jsonBytes, blobBytes) => {
    const header = Buffer.alloc(8);
    header.writeUInt32LE(jsonBytes, 0);
    header.writeUInt32LE(blobBytes, 4);
    expect(() => [...new FrameDecoder(BOUNDS).push(header)]).toThrow(RangeError);
  });
});

/** Messages of the right form or nearly so, with fields of the right type or nearly so. */
const oddNumber = fc.oneof(
  fc.nat(),
  fc.integer(),
  fc.double(),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 53, -1, 8.64e15 + 1, 1e308),
);
const oddText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '\0', '\ud800', 'x'.repeat(2 ** 20 + 1)),
);
const odd = fc.oneof(oddNumber, oddText, fc.jsonValue(), fc.constant(undefined), fc.boolean());
const { error } = fc.letrec<{ error: object }>((tie) => ({
  error: fc.record(
    {
      message: fc.oneof(oddText, odd),
      line: odd,
      column: odd,
      stack: fc.oneof(oddText, odd),
      cause: fc.oneof({ maxDepth: 12 }, odd, tie('error')),
    },
    { requiredKeys: ['message'] },
  ),
}));
const report = fc.record(
  {
    kind: fc.constantFrom('value', 'thrown', 'syntax', 'result-too-large', 'never-settles', 'out-of-memory', 'other'),
    json: fc.oneof(odd, fc.constant(null), fc.json()),
    error: fc.oneof(error, odd),
    bytes: oddNumber,
  },
  { requiredKeys: ['kind'] },
);
const message = fc.record(
  {
    op: fc.constantFrom('ack', 'compiled', 'log', 'call', 'done', 'exec', '__proto__'),
    id: fc.oneof(fc.nat(), odd),
    report: fc.oneof(report, odd),
    lines: fc.oneof(
      fc.array(
        fc.record({ microseconds: oddNumber, level: fc.constantFrom('info', 'debug', '__proto__'), message: oddText }),
      ),
      odd,
    ),
    call: oddNumber,
    name: oddText,
    args: oddText,
    codeBytes: oddNumber,
    shifts: fc.oneof(fc.array(fc.array(oddNumber)), odd),
    cpuMicroseconds: oddNumber,
    heapBytes: oddNumber,
    clean: fc.oneof(fc.boolean(), odd),
  },
  { requiredKeys: ['op', 'id'] },
);

/** The message as it is once checked; undefined if it is refused, which only ever happens in one way. */
function checked(sent: unknown): FromSandbox | undefined {
  try {
    return checkFromSandbox(sent);
  } catch (refusal) {
    expect(refusal).toBeInstanceOf(TypeError);
    expect((refusal as Error).message).toBe('message from the sandbox fits no known form');
    return undefined;
  }
}

describe('what checks messages', () => {
  test('refuses any JSON that is none', () => {
    fc.assert(fc.property(fc.jsonValue(), (sent) => checked(sent) === undefined));
  });

  test('lets through nothing that its readers would stumble over', () => {
    let admitted = 0;
    fc.assert(
      fc.property(message, (sent) => {
        const received = checked(JSON.parse(JSON.stringify(sent)));
        if (received === undefined) return;
        admitted++;
        if (received.op === 'log') expectLinesAreSafe(received);
        if (received.op === 'done') expectOutcomeIsSafe(received);
      }),
      { numRuns: 2000 },
    );
    expect(admitted).toBeGreaterThan(25);
  });

  test('bounds the causes of an error', () => {
    const nested = (depth: number): object =>
      depth === 0 ? { message: 'm' } : { message: 'm', cause: nested(depth - 1) };
    const done = (depth: number) => ({
      op: 'done',
      id: 1,
      report: { kind: 'thrown', error: nested(depth) },
      cpuMicroseconds: 0,
      heapBytes: 0,
      clean: true,
    });
    expect(checked(done(8))).toBeDefined();
    expect(checked(done(9))).toBeUndefined();
    expect(checked(done(5000))).toBeUndefined();
  });
});

function expectLinesAreSafe({ lines }: Extract<FromSandbox, { op: 'log' }>): void {
  const buffer = new LogBuffer(1000);
  buffer.add(lines, new RunClock());
  let bytes = 0;
  for (const line of buffer.lines()) {
    expect(line.time.toISOString()).toMatch(/Z$/);
    expect(line.message).not.toMatch(/\p{Cs}/u);
    bytes += Buffer.byteLength(line.message);
  }
  expect(bytes).toBeLessThanOrEqual(1000);
}

function expectOutcomeIsSafe(answer: Extract<FromSandbox, { op: 'done' }>): void {
  const end: CallEnd = {
    answer: { report: answer.report, cpuMs: answer.cpuMicroseconds / 1000, heapBytes: answer.heapBytes },
    watch: { exceeded: undefined, cpuMs: 0, blockedMs: 0, peakGrowthBytes: 0, isBloated: false },
    wallMs: 1,
    tooManyCalls: false,
    tooManyFetchBytes: false,
    tooLargeResponse: false,
  };
  const verdict = classify(end, DEFAULT_LIMITS);
  expect(JSON.stringify(verdict.result ?? null).length).toBeLessThanOrEqual(DEFAULT_LIMITS.resultBytes);
  expect(JSON.stringify(verdict) + verdict.error?.message + verdict.error?.stack).not.toMatch(/\p{Cs}/u);
  for (const position of [verdict.error?.line, verdict.error?.column]) {
    if (position !== undefined) expect(Number.isSafeInteger(position)).toBe(true);
  }
}

describe('results that were made to hurt', () => {
  const outcomeOf = (json: string) => {
    const answer = { report: { kind: 'value', json } as const, cpuMs: 1, heapBytes: 1 };
    const watch = { exceeded: undefined, cpuMs: 0, blockedMs: 0, peakGrowthBytes: 0, isBloated: false };
    return classify(
      { answer, watch, wallMs: 1, tooManyCalls: false, tooManyFetchBytes: false, tooLargeResponse: false },
      { ...DEFAULT_LIMITS, resultBytes: 1 << 20 },
    );
  };
  test.each([
    ['no JSON', '{', 'SandboxLost'],
    ['nothing', '', 'SandboxLost'],
    ['lists that nest without end', '['.repeat(5e5) + ']'.repeat(5e5), 'RuntimeError'],
    ['objects that nest without end', `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`, 'RuntimeError'],
    ['brackets in a string', JSON.stringify('['.repeat(5e5)), 'Completed'],
    ['escapes in a string', JSON.stringify('\\"'.repeat(2e5)), 'Completed'],
    ['escaped brackets that hide nesting', `["\\"",${'['.repeat(200)}${']'.repeat(200)}]`, 'RuntimeError'],
    ['more than may be kept', JSON.stringify('\u20ac'.repeat(4e5)), 'ResultTooLarge'],
    ['a list of a million', `[${'1,'.repeat(4e5)}1]`, 'Completed'],
  ])('%s', (_, json, reason) => {
    expect(outcomeOf(json).reason).toBe(reason);
  });

  test('errors without end get one', () => {
    const report = { kind: 'thrown', error: { message: 'x'.repeat(1e6), stack: 'x'.repeat(1e6) } } as const;
    const watch = { exceeded: undefined, cpuMs: 0, blockedMs: 0, peakGrowthBytes: 0, isBloated: false };
    const end = {
      answer: { report, cpuMs: 1, heapBytes: 1 },
      watch,
      wallMs: 1,
      tooManyCalls: false,
      tooManyFetchBytes: false,
      tooLargeResponse: false,
    };
    const { error } = classify(end, DEFAULT_LIMITS);
    expect([error?.message.length, (error?.stack?.length ?? 0) < 30_000]).toEqual([4096, true]);
  });

  test('keys of prototypes stay keys', () => {
    const { result } = outcomeOf('{"__proto__":{"polluted":"\\u0000"},"constructor":{"prototype":1}}');
    expect(Object.keys(result as object)).toEqual(['__proto__', 'constructor']);
    expect('polluted' in {}).toBe(false);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });
});
