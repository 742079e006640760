import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyEdits, type Edit, EditList, lineStarts, originalColumn } from '../../../../src/runtime/sandbox/edits.ts';

/** Text with every kind of line end and with characters of one, two and four UTF-16 bytes. */
const text = fc
  .array(fc.constantFrom('a', 'bc', ' ', '\n', '\r\n', '\r', '\u2028', 'ä', '😀'), { maxLength: 40 })
  .map((parts) => parts.join(''));

const insertions = (source: string): fc.Arbitrary<Edit[]> =>
  fc
    .array(fc.record({ at: fc.nat(source.length), text: fc.constantFrom('x', '(', 'n$((', '})') }), { maxLength: 10 })
    .map((all) =>
      all
        // Between the two characters of a line end there is no column.
        .filter(({ at }) => !(source[at - 1] === '\r' && source[at] === '\n'))
        .map(({ at, text: inserted }) => ({ start: at, end: at, text: inserted })),
    );

const edited = text.chain((source) => fc.tuple(fc.constant(source), insertions(source)));

/** Line and column, from 1, of an offset. */
function positionOf(source: string, offset: number): { line: number; column: number } {
  const starts = lineStarts(source);
  const line = starts.findLastIndex((start) => start <= offset);
  return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
}

describe('where lines start', () => {
  test.each([
    ['', [0]],
    ['a', [0]],
    ['a\nb', [0, 2]],
    ['a\r\nb\r\n', [0, 3, 6]],
    ['a\rb', [0, 2]],
    ['a\n\rb', [0, 2, 3]],
    ['a\u2028b\u2029c', [0, 2, 4]],
  ])('%j: %j', (source, starts) => {
    expect(lineStarts(source)).toEqual(starts);
  });
});

describe('edits', () => {
  test('apply in the order of their places, however they come', () => {
    fc.assert(
      fc.property(edited, ([source, edits]) => {
        const places = [...new Set(edits.map(({ start }) => start))].sort((a, b) => b - a);
        let expected = source;
        for (const place of places) {
          const here = edits.filter(({ start }) => start === place).map((edit) => edit.text);
          expected = expected.slice(0, place) + here.join('') + expected.slice(place);
        }
        expect(applyEdits(source, edits).code).toBe(expected);
      }),
    );
  });

  test('replace what they cover', () => {
    const { code, shifts } = applyEdits('#!/bin/x', [
      { start: 0, end: 0, text: '(' },
      { start: 0, end: 2, text: '//' },
    ]);
    expect(code).toBe('(///bin/x');
    expect(shifts).toEqual([[1, 1, 1]]);
  });

  test('never change the number of lines', () => {
    fc.assert(
      fc.property(edited, ([source, edits]) => {
        expect(lineStarts(applyEdits(source, edits).code)).toHaveLength(lineStarts(source).length);
      }),
    );
  });

  test("every character of the author's is found again in its line and column", () => {
    fc.assert(
      fc.property(edited, ([source, edits]) => {
        const { code, shifts } = applyEdits(source, edits);
        for (let offset = 0; offset <= source.length; offset++) {
          const before = edits.filter(({ start }) => start <= offset);
          const moved = offset + before.reduce((sum, edit) => sum + edit.text.length, 0);
          const { line, column } = positionOf(code, moved);
          expect({ line, column: originalColumn(shifts, line, column) }).toEqual(positionOf(source, offset));
        }
      }),
    );
  });

  test('a place inside of inserted text is that of what comes after it', () => {
    fc.assert(
      fc.property(edited, ([source, edits]) => {
        const { code, shifts } = applyEdits(source, edits);
        for (const edit of edits) {
          const before = edits.filter(({ start }) => start < edit.start);
          const start = edit.start + before.reduce((sum, other) => sum + other.text.length, 0);
          const { line, column } = positionOf(code, start);
          expect({ line, column: originalColumn(shifts, line, column) }).toEqual(positionOf(source, edit.start));
        }
      }),
    );
  });
});

describe('edits of a tree', () => {
  test('what is nested stays nested, and what follows comes after', () => {
    const list = new EditList();
    list.around(0, 4, '<', '>'); // `ab` and in it `a b`
    list.around(0, 2, '(', ')');
    list.around(2, 4, '[', ']');
    expect(applyEdits('abcd', list.edits).code).toBe('<(ab)[cd]>');
  });

  test('of those that end at one place the inner one ends first', () => {
    const list = new EditList();
    list.around(0, 3, '{', '}');
    list.around(1, 3, '(', ')');
    list.insertAfter(3, ';');
    expect(applyEdits('abc', list.edits).code).toBe('{a(bc;)}');
  });
});
