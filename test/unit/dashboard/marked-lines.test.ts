import { describe, expect, test } from '@jest/globals';
import { highlightedLines } from '../../../src/dashboard/page/source/highlight.ts';
import { markedLine } from '../../../src/dashboard/page/source/marked-lines.ts';

const plain = (text: string) => [{ text, look: '' }];
const show = (spans: ReturnType<typeof markedLine>): string =>
  spans.map(({ text, isMarked }) => (isMarked ? `[${text}]` : text)).join('');

describe('the mark of an error', () => {
  test.each([
    ['on a name', 'a.total + 1', 3, 'a.[total] + 1'],
    ['at the beginning', 'throw x', 1, '[throw] x'],
    ['on a sign', 'a + ;', 5, 'a + [;]'],
    ['on a blank', 'a b', 2, 'a[ ]b'],
    ['on a character of two code units', 'a = 🦐;', 5, 'a = [🦐];'],
    ['behind the end', 'f(', 3, 'f([ ]'],
    ['far behind the end', 'f(', 30, 'f([ ]'],
    ['in an empty line', '', 1, '[ ]'],
    ['nowhere', 'a.total', undefined, 'a.total'],
  ])('%s', (_, line, column, expected) => {
    expect(show(markedLine(plain(line), column))).toBe(expected);
  });

  test('goes through spans of several looks', () => {
    const spans = [
      { text: 'foo', look: 'one' },
      { text: 'Bar', look: 'two' },
      { text: '()', look: '' },
    ];
    expect(markedLine(spans, 2)).toEqual([
      { text: 'f', look: 'one', isMarked: false },
      { text: 'oo', look: 'one', isMarked: true },
      { text: 'Bar', look: 'two', isMarked: true },
      { text: '()', look: '', isMarked: false },
    ]);
  });

  test('of a long line is in the middle of the part that is shown', () => {
    const line = `${'a'.repeat(5000)} bad ${'b'.repeat(5000)}`;
    const shown = show(markedLine(plain(line), 5002));
    expect(shown).toMatch(/^…a+ \[bad\] b+…$/);
    expect(shown).toHaveLength(1004);
  });

  test('a long line without one is shown from its beginning', () => {
    expect(show(markedLine(plain('a'.repeat(2000))))).toBe(`${'a'.repeat(1000)}…`);
  });
});

describe('the lines of a script', () => {
  test('are the same text, with the looks of their tokens', () => {
    const text = "const a = 'x'; // note\n\nfunction f<T>(b: T): T { return b }\n}} broken ((";
    const lines = highlightedLines(text, true);
    expect(lines.map((spans) => spans.map((span) => span.text).join('')).join('\n')).toBe(text);
    expect(lines[0]).toContainEqual({ text: 'const', look: 'tok-keyword' });
    expect(lines[0]).toContainEqual({ text: '// note', look: 'tok-comment' });
  });

  test('of a very long script have no looks', () => {
    const lines = highlightedLines('const a = 1;\n'.repeat(30_000), false);
    expect(lines).toHaveLength(30_001);
    expect(lines[0]).toEqual([{ text: 'const a = 1;', look: '' }]);
  });
});
