import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { forkedNames } from './support/engine.ts';

/** As the kernel has them: 15 bytes. */
const V8 = 'copepod-v8';
const PARSER = 'copepod-compile';
const TYPESCRIPT = 'copepod-typescr';

let runtime: Runtime;
beforeEach(() => {
  runtime = createRuntime({ pool: { size: 1, spares: 0, lazy: true } });
});
afterEach(() => runtime.close());

describe('a program is compiled by the first kind of process that has what it takes', () => {
  test.each<[string, string, object]>([
    ['a script', 'const a = 20; a + 22', { result: 42 }],
    ['a module that exports', 'export default 42', { result: 42 }],
    ['an asynchronous handler', 'export default async () => 42', { result: 42 }],
    ['a comment as in HTML, which a script has', 'const a = 42; <!-- export\n a', { result: 42 }],
  ])('the one that runs it: %s', async (_, source, expected) => {
    for (let i = 0; i < 2; i++) expect(await runtime.execute(source)).toMatchObject(expected);
    expect(forkedNames()).toEqual(['copepod-script']);
  });

  test('V8 alone: what does not compile', async () => {
    const error = { line: 1, column: 7 };
    expect(await runtime.execute('const = 1')).toMatchObject({ reason: 'CompilationError', error });
    expect(forkedNames()).toEqual(['copepod-script', V8]);
  });

  test('V8 alone: what another process has run, once for all that come later', async () => {
    const source = 'export default ({ n }) => 2 * n';
    for (const tenantKey of ['a', 'b', 'c', 'd']) {
      expect(await runtime.execute(source, { tenantKey, params: { n: 21 } })).toMatchObject({ result: 42 });
    }
    expect(forkedNames()).toEqual(['copepod-script', V8]);
    expect(runtime.metrics().compilation).toEqual({ size: 1, misses: 2, hits: 2 });
  });

  test.each([
    ['a top-level await', 'await 42', { result: 42 }],
    ['import()', '(await import("./a.js")).default', { reason: 'RuntimeError' }],
    ['a thrown value that is no Error', '\nthrow "x"', { reason: 'RuntimeError', error: { line: 2 } }],
    ['a variable of its own called context', 'var context = 42; context', { result: 42 }],
    [
      'a comment as in HTML where a module has an operator',
      '"export"; var x = 1; [1 <!--x]',
      { reason: 'CompilationError' },
    ],
  ])('a parser: %s', async (_, source, expected) => {
    expect(await runtime.execute(source)).toMatchObject(expected);
    expect(forkedNames()).toEqual([PARSER, 'copepod-script']);
  });

  test('TypeScript goes to a parser at once', async () => {
    expect(await runtime.execute({ source: 'const a: number = 42; a', language: 'TypeScript' })).toMatchObject({
      result: 42,
    });
    expect(forkedNames()).toEqual([PARSER, 'copepod-script']);
  });

  test('TypeScript that oxc does not lower goes to its own compiler', async () => {
    const source = 'class A { accessor a: number = 42 }\nnew A().a';
    expect(await runtime.execute({ source, language: 'TypeScript' })).toMatchObject({ result: 42 });
    expect(forkedNames()).toEqual([PARSER, 'copepod-script', TYPESCRIPT]);
  });
});
