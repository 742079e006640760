import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomScript } from './random-script.ts';
import { completionValue, isScript, runTransformed } from './run-transformed.ts';

const SCRIPTS = [
  '',
  '1',
  '1;',
  '1;;',
  '1; 2',
  '1\n2\n',
  "'text'",
  "'text';",
  '"use strict"',
  "'use strict'; 1",
  "'a'; 'b'",
  "'a'\n'b'\n",
  "'quote\\' \\u0041 \\\n line'",
  "'use strict'\nvar x = 1",
  "'a'; { }",
  "('a')",
  "'a' + 'b'",
  "'use strict' // comment",
  '(1)',
  '((1, 2))',
  '1, 2',
  'a = 1',
  'var a = 1',
  'let b = 1',
  'const c = 1',
  'var a = 1; a',
  '1; var a = 2',
  '1; function f() { 2 }',
  '1; class A { b() { 2 } static { 3 } }',
  '(class { static a = 5 }).a',
  'function f() { return 1 } f()',
  '(function () { return 1 })()',
  '(() => 1)()',
  '!function () { return 1 }()',
  '+1',
  'void 0',
  '`template`',
  '/re/.source',
  '[1, 2].map((x) => x * 2).join()',
  '({ a: 1 }).a',
  '{ a: 1 }',
  '{ 1; 2 }',
  '1; { }',
  '1; { var x = 2 }',
  '{ 1 } { }',
  'if (true) 1',
  'if (false) 1',
  '1; if (false) 2',
  '1; if (true) { }',
  'if (false) 1; else 2',
  'if (true) { 1 } else { 2 }',
  'if (true) if (false) 1; else 2',
  'if (true) if (true) 1',
  'if (true) for (;;) break',
  'if (true) { 1; if (false) { 2 } }',
  'for (var i = 0; i < 3; i++) i',
  'for (var i = 0; i < 3; i++) { i; if (i === 1) continue; "x" }',
  'for (var i = 0; i < 3; i++) { i; if (i === 1) break }',
  'for (const x of [1, 2]) x',
  'for (const x in { a: 1 }) x',
  'for (const x of []) x',
  '1; while (false);',
  '1; do { } while (false)',
  'do 1; while (false) 2',
  'do { 1; break } while (true)',
  'do { 1; continue; 2 } while (false)',
  'var n = 0; while (n < 3) n++',
  'a: 1',
  'a: { 1; break a; }',
  '1; a: { break a; }',
  '1; a: { }',
  '1; a: b: { 2; break a; }',
  'a: for (;;) { 1; for (;;) { 2; break a; } }',
  'a: for (const x of [1, 2]) { x; for (;;) continue a; }',
  'a: b: for (const x of [1, 2]) { x; continue b }',
  'if (true) a: for (;;) { 1; break a }',
  'switch (1) { case 1: 2 }',
  'switch (1) { case 1: 2; break; case 3: 4 }',
  'switch (1) { case 1: 2; case 3: 4 }',
  '1; switch (2) { }',
  'switch (1) { case 1: { 5 } default: }',
  'try { 1 } catch { 2 }',
  'try { throw 1 } catch (e) { e + 1 }',
  'try { 1; throw 2 } catch { }',
  'try { 1; throw 2 } catch {3}',
  'try { 1 } finally { 2 }',
  '1; try { } finally { 2 }',
  'try { throw 1 } catch { 2 } finally { 3 }',
  'do { try { 1; break } finally { 2 } } while (true)',
  'with ({ a: 1 }) a',
  '1; with ({}) { }',
  '1; debugger',
  'var f = 1\nf\n++f',
  'let\nx = 5\nx',
  'var a = 1, b = [2]\nvar c = a\n;[b] = [[3]]\nb[0]',
  'x = 1 // comment',
  'x = 1 /* comment',
  '1 /* a */ /* b */',
  '#!/usr/bin/env node\n5',
  'async () => 1; 2',
  'var async = 1; async',
  'var yield_ = 1, let_ = 2; yield_ + let_',
  'let$ = 5; let$',
  'v$ = 5; v$',
  'var c$ = 1, n$ = 2, v$ = 3, c$$ = 4; c$ + n$ + v$ + c$$',
  '1\r\n2\r\nif (false) 3',
  '1\u20282\u20293',
  'this === globalThis',
  'typeof undeclared',
].filter((source) => !source.endsWith('/* comment'));

/** A value, or the message of what is thrown: a line that starts with a parenthesis may be a call of the one before. */
const outcome = async (run: () => Promise<unknown>): Promise<unknown> => {
  try {
    return { value: await run() };
  } catch (error) {
    return { message: (error as Error).message };
  }
};

describe("a script's completion value is the one V8 gives", () => {
  test.each(SCRIPTS.map((source) => [JSON.stringify(source), source]))('%s', async (_, source) => {
    expect((await runTransformed(source)).value).toEqual(completionValue(source));
  });

  test('of random scripts too', async () => {
    await fc.assert(
      fc.asyncProperty(randomScript, async (source) => {
        fc.pre(isScript(source));
        expect(await outcome(async () => (await runTransformed(source)).value)).toEqual(
          await outcome(async () => completionValue(source)),
        );
      }),
      { numRuns: 500 },
    );
  });
});
