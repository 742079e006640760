import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, MAX_DURATION_MS, parseDuration } from '../../../src/api/duration.ts';
import { FormatError } from '../../../src/api/format-error.ts';

describe('parseDuration', () => {
  test.each([
    ['0s', 0],
    ['1ms', 1],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['1h30m10s5ms', 5_410_005],
    ['99999h', 359_996_400_000],
    ['1s1s', 2000],
    ['5ms1h', 3_600_005],
    ['00010s', 10_000],
  ])('%s is %d ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test.each([
    '',
    '1',
    's',
    '1 s',
    '-1s',
    '+1s',
    '1.5s',
    '1d',
    '1us',
    '1ns',
    '100000s',
    '1h1h1h1h1h',
    '1S',
    ' 1s',
    '1s ',
    '1s\n',
    '١s',
  ])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(FormatError);
  });

  test('the message has examples', () => {
    expect(() => parseDuration('2 seconds')).toThrow(
      '"2 seconds" is not a duration: write one like 250ms, 30s or 1h30m',
    );
  });

  test('any text either parses or throws FormatError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9hms.]*$/)), (text) => {
        try {
          expect(parseDuration(text)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [1, '1ms'],
    [1000, '1s'],
    [1500, '1s500ms'],
    [60_000, '1m'],
    [5_400_000, '1h30m'],
    [MAX_DURATION_MS, '99999h59m59s999ms'],
  ])('%d ms as %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, MAX_DURATION_MS + 1])('%d throws', (ms) => {
    expect(() => formatDuration(ms)).toThrow(RangeError);
  });

  test('the result parses to the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_DURATION_MS }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
