import { type Cursor, isBlankOrEnd, isWord } from './cursor.ts';
import type { Token } from './token.ts';

const CORE = 'tag:yaml.org,2002:';
const URI = /^[-\w;/?:@&=+$,.!~*'()[\]%]$/;

/** Scans `&name` or `*name`. */
export function scanAnchor(cursor: Cursor, type: 'anchor' | 'alias'): Token {
  const start = cursor.mark;
  cursor.skip();
  const value = scanWord(cursor);
  const next = cursor.char();
  if (value === '' || !(isBlankOrEnd(cursor.code()) || '?:,]}%@`'.includes(next))) {
    cursor.fail(`the name of an ${type} needs letters, digits, '-' or '_'`, start);
  }
  return { type, start, value };
}

/** Scans a tag: `!name`, `!!name` of YAML's own, or `!<uri>`. Its value is the tag in full, `!` alone stays that. */
export function scanTag(cursor: Cursor): Token {
  const start = cursor.mark;
  let value: string;
  if (cursor.char(1) === '<') {
    cursor.skip(2);
    value = scanUri(cursor);
    if (value === '' || cursor.char() !== '>') cursor.fail("a tag that begins with '!<' ends with '>'", start);
    cursor.skip();
  } else {
    cursor.skip();
    const word = scanWord(cursor);
    if (cursor.char() === '!') {
      cursor.skip();
      const suffix = scanUri(cursor);
      if (word !== '') cursor.fail('the tag has a handle that is not declared', start, 'leave the tag out');
      if (suffix === '') cursor.fail('the tag has no name', start, 'leave it out');
      value = `${CORE}${suffix}`;
    } else value = `!${word}${scanUri(cursor)}`;
  }
  if (!isBlankOrEnd(cursor.code())) cursor.fail('a tag ends with a space', start);
  return { type: 'tag', start, value };
}

function scanWord(cursor: Cursor): string {
  const start = cursor.offset;
  while (isWord(cursor.char())) cursor.skip();
  return cursor.text.slice(start, cursor.offset);
}

function scanUri(cursor: Cursor): string {
  const start = cursor.offset;
  while (URI.test(cursor.char())) cursor.skip();
  const text = cursor.text.slice(start, cursor.offset);
  try {
    return decodeURIComponent(text);
  } catch {
    return cursor.fail('a % in a tag begins an escape such as %20');
  }
}
