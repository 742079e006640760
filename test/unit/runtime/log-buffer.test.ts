import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LogBuffer } from '../../../src/runtime/log-buffer.ts';
import type { LogLine } from '../../../src/runtime/types.ts';

const entry = (message: string, level: LogLine['level'] = 'info') => ({ microseconds: 1000, level, message });

const CLOCK = { dateOf: (microseconds: number) => new Date(microseconds / 1000) };

/** What a buffer of this size keeps of these lines. */
function kept(maxBytes: number, ...messages: string[]): string[] {
  const buffer = new LogBuffer(maxBytes);
  for (const message of messages) buffer.add([entry(message)], CLOCK);
  return buffer.lines().map((line) => line.message);
}

describe('a log keeps its last lines', () => {
  test.each([
    { what: 'all that fit, their line ends included', max: 8, lines: ['abc', 'def'], keeps: ['abc', 'def'] },
    { what: 'one byte less loses the first', max: 7, lines: ['abc', 'def'], keeps: ['def'] },
    { what: 'a long line pushes out as many as it needs', max: 8, lines: ['a', 'b', 'c', 'defghi'], keeps: ['defghi'] },
    { what: 'a line that is too long is cut', max: 5, lines: ['abcdefgh'], keeps: ['abcd'] },
    { what: 'empty lines count too', max: 3, lines: ['', '', '', '', ''], keeps: ['', '', ''] },
    { what: 'bytes, not characters', max: 7, lines: ['€', '€'], keeps: ['€'] },
    { what: 'a cut never leaves half a character', max: 6, lines: ['€€€'], keeps: ['€'] },
    { what: 'nor half an emoji', max: 7, lines: ['ab😀'], keeps: ['ab😀'] },
    { what: 'nor a quarter of one', max: 6, lines: ['ab😀'], keeps: ['ab'] },
    { what: 'no room is no line', max: 0, lines: ['a', 'b'], keeps: [] },
    { what: 'what no API takes is replaced', max: 100, lines: ['a\0b\ud800c'], keeps: ['a\0b\ufffdc'] },
  ])('$what', ({ max, lines, keeps }) => {
    expect(kept(max, ...lines)).toEqual(keeps);
  });

  test('levels and times stay with their lines', () => {
    const buffer = new LogBuffer(100);
    buffer.add([entry('a', 'warn'), entry('b', 'error')], CLOCK);
    expect(buffer.lines()).toEqual([
      { time: new Date(1), level: 'warn', message: 'a' },
      { time: new Date(1), level: 'error', message: 'b' },
    ]);
  });

  test('whatever is logged, what is kept is a tail of it within the bytes', () => {
    const message = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), fc.nat({ max: 40 }), (messages, max) => {
        const lines = kept(max, ...messages);
        expect(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)).toBeLessThanOrEqual(max);
        const tail = messages.slice(messages.length - lines.length);
        for (const [i, line] of lines.entries()) {
          expect(line.isWellFormed()).toBe(true);
          expect(tail[i]?.toWellFormed().startsWith(line)).toBe(true);
        }
      }),
    );
  });

  test('every line is seen as it comes, kept or not', () => {
    const seen: string[] = [];
    const buffer = new LogBuffer(3, (line) => seen.push(line.message));
    buffer.add([entry('a'), entry('b'), entry('c')], CLOCK);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(buffer.lines()).toHaveLength(1);
  });
});
