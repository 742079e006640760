import { describe, expect, test } from '@jest/globals';
import { FilePlaces } from '../../../../src/runtime/compiler/positions.ts';
import { Rewriting } from '../../../../src/runtime/compiler/rewriting.ts';

const source = 'one two\nthree\r\nfour';

/** Changes the source; gives the code, and the source's place of each of its words. */
function changed(change: (rewriting: Rewriting) => void): [code: string, places: Record<string, string>] {
  const rewriting = new Rewriting(source);
  change(rewriting);
  const { code, map } = rewriting.finish();
  const places = new FilePlaces({ compiled: [map] });
  const lines = code.split(/\r\n|[\n\r\u2028]/);
  const words = lines.flatMap((text, line) =>
    [...text.matchAll(/\w+/g)].map(({ 0: word, index }) => {
      const found = places.find({ line: line + 1, column: index + 1 });
      return [word, `${found?.line}:${found?.column}`];
    }),
  );
  return [code, Object.fromEntries(words)];
}

describe('a changed source, and the places in it', () => {
  test.each<[string, (rewriting: Rewriting) => void, string, Record<string, string>]>([
    ['nothing', () => {}, source, { one: '1:1', two: '1:5', three: '2:1', four: '3:1' }],
    [
      'a text before a word, another behind it',
      (rewriting) => {
        rewriting.open(4, 'f(');
        rewriting.close(7, ')');
      },
      'one f(two)\nthree\r\nfour',
      { one: '1:1', f: '1:5', two: '1:5', three: '2:1', four: '3:1' },
    ],
    [
      'texts at one place: what ends there stands before what begins, the outer ones outside',
      (rewriting) => {
        rewriting.open(8, 'a(');
        rewriting.close(8, '>');
        rewriting.open(8, 'b(');
        rewriting.close(8, ')');
      },
      'one two\n)>a(b(three\r\nfour',
      { one: '1:1', two: '1:5', a: '2:1', b: '2:1', three: '2:1', four: '3:1' },
    ],
    [
      'a range left out, with the line end in it and what was put inside',
      (rewriting) => {
        rewriting.open(5, 'x');
        rewriting.remove(4, 10);
      },
      'one ree\r\nfour',
      { one: '1:1', ree: '2:3', four: '3:1' },
    ],
    [
      'a range put in front, with lines of its own and what was put inside it',
      (rewriting) => {
        rewriting.open(10, '_');
        rewriting.remove(8, 13);
        rewriting.putInFront('g=', { start: 8, end: 13 }, ';\u2028');
      },
      'g=th_ree;\u2028one two\n\r\nfour',
      { g: '1:1', th_ree: '2:1', one: '1:1', two: '1:5', four: '3:1' },
    ],
  ])('%s', (_, change, code, places) => {
    expect(changed(change)).toEqual([code, places]);
  });
});
