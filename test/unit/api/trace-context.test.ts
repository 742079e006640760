import { describe, expect, test } from '@jest/globals';
import { attemptSpanID, requestedTraceparent, runTrace } from '../../../src/api/execution-trace.ts';
import { formatTraceparent, parseTraceparent } from '../../../src/api/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  test.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`01-${TRACE}-${SPAN}-01-more`, true],
  ])('%s is read', (text, isSampled) => {
    expect(parseTraceparent(text)).toEqual({ traceID: TRACE, spanID: SPAN, isSampled });
  });

  test.each([
    undefined,
    7,
    '',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `01-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`,
  ])('%s is invalid', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  test('is written as it was read', () => {
    const text = `00-${TRACE}-${SPAN}-01`;
    expect(formatTraceparent(parseTraceparent(text) as never)).toBe(text);
  });
});

describe('the trace of a run', () => {
  const annotated = { annotations: { 'copepod.dev/traceparent': `00-${TRACE}-${SPAN}-01` } };

  test('is that of its context, else that of its annotation, where valid', () => {
    const other = `00-${'a'.repeat(32)}-${SPAN}-01`;
    expect(requestedTraceparent(annotated, { traceparent: other })).toBe(other);
    expect(requestedTraceparent(annotated, { traceparent: 'nonsense' })).toContain(TRACE);
    expect(requestedTraceparent(annotated, undefined)).toContain(TRACE);
    expect(requestedTraceparent({}, {})).toBeUndefined();
  });

  test('has the same ids wherever they are asked for, and others for each run and attempt', () => {
    const first = runTrace('uid-1', 1, undefined);
    expect(first).toEqual(runTrace('uid-1', 1, undefined));
    expect(first.traceID).toMatch(/^[0-9a-f]{32}$/);
    expect(first.rootID).toMatch(/^[0-9a-f]{16}$/);
    expect(runTrace('uid-1', 2, undefined).traceID).not.toBe(first.traceID);
    const spans = [
      first.rootID,
      attemptSpanID('uid-1', 1, 1),
      attemptSpanID('uid-1', 1, 2),
      attemptSpanID('uid-1', 2, 1),
    ];
    expect(new Set(spans).size).toBe(4);
  });

  test('is the one that was asked for, in each of its runs', () => {
    const requested = `00-${TRACE}-${SPAN}-01`;
    expect(runTrace('uid-1', 2, requested)).toMatchObject({ traceID: TRACE, parent: { spanID: SPAN } });
    expect(runTrace('uid-1', 2, requested).rootID).not.toBe(runTrace('uid-1', 1, requested).rootID);
  });
});
