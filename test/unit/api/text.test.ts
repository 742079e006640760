import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { storableText, terminalText } from '../../../src/api/text.ts';

const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });

describe('text for the API', () => {
  test.each([
    ['plain', 'plain'],
    ['a\0b', 'a\0b'],
    ['lone \ud800 high', 'lone \uFFFD high'],
    ['lone \udc00 low', 'lone \uFFFD low'],
    ['whole 😀', 'whole 😀'],
    ['\n\t stay', '\n\t stay'],
  ])('%j becomes %j', (text, expected) => {
    expect(storableText(text)).toBe(expected);
  });

  test('has no lone surrogate for any input', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = storableText(text);
        expect(stored.isWellFormed()).toBe(true);
        expect(storableText(stored)).toBe(stored);
      }),
    );
  });
});

describe('text for a terminal', () => {
  test.each([
    ['plain ünïcödé 漢字 😀', 'plain ünïcödé 漢字 😀'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['\u009b31m', '\\x9b31m'],
    ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['\0', '\\x00'],
    ['\u202eevil', '\\u202eevil'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['\u2028', '\\u2028'],
    ['\ud800', '\\ud800'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\u007f', '\\x7f'],
  ])('%j becomes %j', (text, expected) => {
    expect(terminalText(text)).toBe(expected);
  });

  test('keeps line feeds and tabs with multiline', () => {
    expect(terminalText('a\n\tb\r', { multiline: true })).toBe('a\n\tb\\r');
  });

  test('has no control or bidirectional character for any input', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(terminalText(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u);
      }),
    );
  });
});
