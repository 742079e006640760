import { CODE, type Cursor, isBlank, isBlankOrEnd, isBreak } from './cursor.ts';
import type { ScalarToken } from './token.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
/** Digits of each escape by number. */
const NUMBERED: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Scans a scalar in single or double quotes. Its lines may be indented in any way. */
export function scanQuoted(cursor: Cursor): ScalarToken {
  const start = cursor.mark;
  const quote = cursor.char();
  const parts: string[] = [];
  cursor.skip();
  for (;;) {
    if (cursor.atDocumentMarker()) cursor.fail('a quoted string holds a line that begins with --- or ...', cursor.mark);
    if (cursor.code() === 0) cursor.fail(`the quote ${quote} is not closed`, start);
    const escapedBreak = scanQuotedText(cursor, quote, parts);
    if (!escapedBreak && cursor.char() === quote) break;
    const { blanks, folded } = scanWhitespace(cursor, escapedBreak);
    parts.push(escapedBreak || folded !== undefined ? (folded ?? '') : blanks);
  }
  cursor.skip();
  return {
    type: 'scalar',
    start,
    value: parts.join(''),
    style: quote === '"' ? 'double-quoted' : 'single-quoted',
  };
}

/** Takes characters up to a blank or the closing quote. True where it ended with an escaped line break. */
function scanQuotedText(cursor: Cursor, quote: string, parts: string[]): boolean {
  while (!isBlankOrEnd(cursor.code())) {
    const char = cursor.char();
    if (char === quote) {
      if (quote === '"' || cursor.char(1) !== "'") return false;
      cursor.skip(2);
      parts.push("'");
    } else if (quote === '"' && char === '\\') {
      if (isBreak(cursor.code(1))) {
        cursor.skip();
        cursor.readBreak();
        return true;
      }
      parts.push(scanEscape(cursor));
    } else {
      const from = cursor.offset;
      while (!isBlankOrEnd(cursor.code()) && cursor.char() !== quote && cursor.char() !== '\\') cursor.skip();
      // A backslash in single quotes is a character like others.
      if (cursor.offset === from) cursor.skip();
      parts.push(cursor.text.slice(from, cursor.offset));
    }
  }
  return false;
}

function scanEscape(cursor: Cursor): string {
  const at = cursor.mark;
  const letter = cursor.char(1);
  const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (plain !== undefined) {
    cursor.skip(2);
    return plain;
  }
  const digits = Object.hasOwn(NUMBERED, letter) ? NUMBERED[letter] : undefined;
  if (digits === undefined) {
    const hint = letter === '/' ? 'write / without a backslash' : 'write \\\\ for a backslash';
    return cursor.fail('a backslash in double quotes begins an escape that YAML does not know', at, hint);
  }
  cursor.skip(2);
  const text = cursor.text.slice(cursor.offset, Math.min(cursor.offset + digits, cursor.end));
  if (text.length < digits || !/^[0-9a-fA-F]+$/.test(text)) {
    return cursor.fail(`\\${letter} needs ${digits} hexadecimal digits`, at);
  }
  const code = Number.parseInt(text, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    return cursor.fail(
      `\\${letter}${text} is no character in YAML`,
      at,
      'write the character itself, or \\U and 8 digits',
    );
  }
  cursor.skip(digits);
  return String.fromCodePoint(code);
}

/**
 * Moves over blanks and line breaks.
 *
 * @param onNewLine a line break has been read already, and counts for nothing
 * @returns the blanks of a line, and what line breaks fold to where there are any: a space, or all but the first
 */
function scanWhitespace(cursor: Cursor, onNewLine: boolean): { blanks: string; folded: string | undefined } {
  const from = cursor.offset;
  let blanks = '';
  let first: string | undefined = onNewLine ? '' : undefined;
  let others = '';
  for (;;) {
    if (isBlank(cursor.code())) cursor.skip();
    else if (isBreak(cursor.code())) {
      const lineBreak = cursor.readBreak();
      if (first === undefined) first = lineBreak;
      else others += lineBreak;
    } else break;
    if (first === undefined) blanks = cursor.text.slice(from, cursor.offset);
  }
  return { blanks, folded: first === undefined ? undefined : fold(first, others) };
}

function fold(first: string, others: string): string {
  if (first === '\n') return others === '' ? ' ' : others;
  return first + others;
}

/**
 * Scans a scalar without quotes.
 *
 * @param indent column of the collection around it; -1 at the top
 * @returns whether it ended behind a line break too: a key may begin there
 */
export function scanPlain(
  cursor: Cursor,
  indent: number,
  inFlow: boolean,
): { token: ScalarToken; endsOnNewLine: boolean } {
  const start = cursor.mark;
  const parts: string[] = [];
  let between = '';
  let onNewLine = false;
  for (;;) {
    if (cursor.atDocumentMarker() || cursor.char() === '#') break;
    const from = cursor.offset;
    while (!isBlankOrEnd(cursor.code()) && !endsPlain(cursor, inFlow)) cursor.skip();
    if (cursor.offset > from) {
      parts.push(between, cursor.text.slice(from, cursor.offset));
      between = '';
      onNewLine = false;
    }
    if (!isBlank(cursor.code()) && !isBreak(cursor.code())) break;
    const blanksFrom = cursor.offset;
    let first: string | undefined;
    let others = '';
    while (isBlank(cursor.code()) || isBreak(cursor.code())) {
      if (isBreak(cursor.code())) {
        const lineBreak = cursor.readBreak();
        if (first === undefined) first = lineBreak;
        else others += lineBreak;
        onNewLine = true;
      } else {
        if (onNewLine && cursor.column <= indent && cursor.code() === CODE.tab) {
          cursor.fail('a tab stands where the indentation is', cursor.mark, 'indent with spaces');
        }
        cursor.skip();
      }
    }
    between = first === undefined ? cursor.text.slice(blanksFrom, cursor.offset) : fold(first, others);
    if (!inFlow && cursor.column <= indent) break;
  }
  return { token: { type: 'scalar', start, value: parts.join(''), style: 'plain' }, endsOnNewLine: onNewLine };
}

function endsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const char = cursor.char();
  if (char === ':') return isBlankOrEnd(cursor.code(1));
  return inFlow && (char === ',' || char === '?' || char === '[' || char === ']' || char === '{' || char === '}');
}
