import { describe, expect, test } from '@jest/globals';
import { requestHeaders, scriptHeaders } from '../../../../src/runtime/egress/headers.ts';

describe("a script's headers", () => {
  test.each([
    ['a line break', 'x', 'a\r\nhost: other'],
    ['a line feed', 'x', 'a\nb'],
    ['a NUL', 'x', 'a\0'],
    ['a character beyond Latin-1', 'x', 'a\u0100'],
    ['a character that Latin-1 would make a line break', 'x', '\u560d\u560a'],
    ['a delete', 'x', '\x7f'],
    ['a name with a colon', 'x:y', 'a'],
    ['a name with a line break', 'x\r\ny', 'a'],
    ['a name with a space', 'x y', 'a'],
    ['an empty name', '', 'a'],
    ['a pseudo header', ':authority', 'other'],
  ])('with %s are refused', (_, name, value) => expect(() => scriptHeaders([[name, value]])).toThrow(/invalid/));

  test.each([
    'Host',
    'Content-Length',
    'transfer-encoding',
    'Connection',
    'keep-alive',
    'Upgrade',
    'TE',
    'Expect',
    'Proxy-Authorization',
    'Proxy-Connection',
    'HTTP2-Settings',
    'Via',
  ])('%s is left out', (name) => expect([...scriptHeaders([[name, '1']])]).toEqual([]));

  test('of one name are one', () => {
    const list = [
      ['X-A', '1'],
      ['x-a', '2'],
      ['Cookie', 'a=b'],
      ['cookie', 'c=d'],
    ] as const;
    expect(Object.fromEntries(scriptHeaders(list))).toEqual({ 'x-a': '1, 2', cookie: 'a=b; c=d' });
  });

  test.each<[string, [string, string][]]>([
    ['too many', Array.from({ length: 129 }, (_, i) => [`x-${i}`, ''])],
    ['too long', [['x', 'a'.repeat(33_000)]]],
  ])('%s are refused', (_, list) => expect(() => scriptHeaders(list)).toThrow(/at most/));
});

describe('headers of a rule', () => {
  test("replace the script's", () => {
    const headers = requestHeaders(
      new Map([
        ['authorization', 'own'],
        ['accept', 'text/plain'],
      ]),
      [['Authorization', 'Bearer secret']],
    );
    expect(headers).toEqual({
      accept: 'text/plain',
      'accept-encoding': 'gzip, br, zstd',
      'user-agent': 'copepod',
      authorization: 'Bearer secret',
    });
  });
});
