import { CODE, type Cursor, isBlank, isBreak, isBreakOrEnd } from './cursor.ts';
import type { ScalarToken } from './token.ts';

/**
 * Scans a scalar that begins with `|` or `>`.
 *
 * @param parentIndent column of the collection around it; -1 at the top
 */
export function scanBlockScalar(cursor: Cursor, parentIndent: number): ScalarToken {
  const start = cursor.mark;
  const style = cursor.char() === '|' ? 'literal' : 'folded';
  cursor.skip();
  const { chomping, increment } = scanHeader(cursor);
  let indent = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  let text = '';
  let lineBreak = '';
  let blankBefore = false;
  const lineOffsets: number[] = [];

  let { breaks, column } = scanBreaks(cursor, indent, lineOffsets);
  if (indent === 0) indent = Math.max(column, parentIndent + 1, 1);
  while (cursor.column === indent && cursor.code() !== 0) {
    const isBlankLine = isBlank(cursor.code());
    lineOffsets.push(cursor.offset);
    // A folded line break is a space, or stands for those behind it; not beside lines that begin with a blank.
    if (style === 'folded' && lineBreak === '\n' && !blankBefore && !isBlankLine) text += breaks === '' ? ' ' : '';
    else text += lineBreak;
    text += breaks + scanLine(cursor);
    blankBefore = isBlankLine;
    lineBreak = cursor.readBreak();
    ({ breaks, column } = scanBreaks(cursor, indent, lineOffsets));
  }
  if (chomping !== '-') text += lineBreak;
  if (chomping === '+') text += breaks;
  return { type: 'scalar', start, value: text, style, ...(style === 'literal' ? { lineOffsets } : {}) };
}

/** The indicators behind `|` or `>`, in either order, and the rest of their line. */
function scanHeader(cursor: Cursor): { chomping: string; increment: number } {
  const start = cursor.mark;
  let chomping = '';
  let increment = 0;
  for (let step = 0; step < 2; step++) {
    const char = cursor.char();
    if (chomping === '' && (char === '+' || char === '-')) chomping = char;
    else if (increment === 0 && /^[0-9]$/.test(char)) {
      if (char === '0') cursor.fail('the indentation of a block cannot be 0', start);
      increment = Number(char);
    } else break;
    cursor.skip();
  }
  cursor.skipBlanksAndComment();
  if (!isBreakOrEnd(cursor.code())) cursor.fail("a block's text begins on the next line", cursor.mark);
  cursor.readBreak();
  return { chomping, increment };
}

/**
 * Moves over empty lines and over the indentation of the next. An indent of 0 is not known yet: the widest counts.
 *
 * @param lineOffsets gets the place of each empty line
 */
function scanBreaks(cursor: Cursor, indent: number, lineOffsets: number[]): { breaks: string; column: number } {
  let breaks = '';
  let widest = 0;
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.code() === CODE.space) cursor.skip();
    widest = Math.max(widest, cursor.column);
    if ((indent === 0 || cursor.column < indent) && cursor.code() === CODE.tab) {
      cursor.fail('a tab stands where the indentation of a block is', cursor.mark, 'indent with spaces');
    }
    if (!isBreak(cursor.code())) return { breaks, column: widest };
    lineOffsets.push(cursor.offset);
    breaks += cursor.readBreak();
  }
}

function scanLine(cursor: Cursor): string {
  const start = cursor.offset;
  while (!isBreakOrEnd(cursor.code())) cursor.skip();
  return cursor.text.slice(start, cursor.offset);
}
