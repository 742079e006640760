import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FormatError } from '../../../src/api/format-error.ts';
import { formatBytes, parseBytes, quantityNanos } from '../../../src/api/quantity.ts';

describe('parseBytes', () => {
  test.each<[string | number, number]>([
    ['0', 0],
    [0, 0],
    [512, 512],
    ['512', 512],
    ['1k', 1000],
    ['1Ki', 1024],
    ['64Mi', 67_108_864],
    ['1M', 1_000_000],
    ['4Gi', 4_294_967_296],
    ['2G', 2_000_000_000],
    ['1Ti', 2 ** 40],
    ['1P', 1e15],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1.5e3', 1500],
    ['12e-1', 2],
    ['1.5Ki', 1536],
    ['.5Ki', 512],
    ['5.', 5],
    ['+5', 5],
    ['0.1', 1],
    ['100m', 1],
    ['1500m', 2],
    ['1u', 1],
    ['1n', 1],
    ['0e999999999', 0],
    ['1e-999999999', 1],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s is %d', (text, expected) => {
    expect(parseBytes(text)).toBe(expected);
  });

  test.each([
    ['', '"" is not a quantity: write one like 64Mi, 32Ki or 1000000'],
    ['64MB', '"64MB" is not a quantity: write one like 64Mi, 32Ki or 1000000'],
    ['64 Mi', '"64 Mi" is not a quantity: write one like 64Mi, 32Ki or 1000000'],
    ['-1', '"-1" is negative: write a number of bytes, such as 64Mi'],
    ['9007199254740992', '"9007199254740992" is too many bytes'],
    ['1e400', '"1e400" is too many bytes'],
    [1.7976931348623157e308, '"1.7976931348623157e+308" is too many bytes'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseBytes(text)).toThrow(new FormatError(message));
  });

  test.each([
    '.',
    '+',
    'Ki',
    '1Kib',
    '1K',
    '1e',
    '1e1.5',
    '1e3Ki',
    '0x10',
    '1_000',
    '١',
    '1 ',
    'NaN',
    'Infinity',
    '--1',
    '1'.repeat(200),
  ])('%s is not a quantity', (text) => {
    expect(quantityNanos(text)).toBeUndefined();
  });

  test('any text either parses or throws FormatError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.eEKMGinum]*$/)), (text) => {
        try {
          expect(parseBytes(text)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });

  test('suffixes multiply exactly', () => {
    const suffixes = fc.constantFrom(['Ki', 1024n], ['Mi', 1024n ** 2n], ['k', 1000n], ['M', 1000n ** 2n], ['', 1n]);
    fc.assert(
      fc.property(fc.nat(), suffixes, (number, [suffix, factor]) => {
        expect(quantityNanos(`${number}${suffix}`)).toBe(BigInt(number) * (factor as bigint) * 1_000_000_000n);
      }),
    );
  });

  test('a sign negates the value, and fractions round away from zero', () => {
    expect(quantityNanos('-1.5')).toBe(-1_500_000_000n);
    expect(quantityNanos('0.0000000001')).toBe(1n);
    expect(quantityNanos('-0.0000000001')).toBe(-1n);
  });
});

describe('formatBytes', () => {
  test.each([
    [0, '0'],
    [1000, '1000'],
    [1024, '1Ki'],
    [67_108_864, '64Mi'],
    [1536, '1536'],
    [2 ** 50, '1Pi'],
  ])('%d as %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d throws', (bytes) => {
    expect(() => formatBytes(bytes)).toThrow(RangeError);
  });

  test('the result parses to the same number', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.maxSafeNat(),
          fc.nat(4096).map((n) => n * 2 ** 20),
        ),
        (bytes) => {
          expect(parseBytes(formatBytes(bytes))).toBe(bytes);
        },
      ),
    );
  });
});
