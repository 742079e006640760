import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

const run = (source: string, files: Record<string, string>, imports: Record<string, string> = {}) =>
  engine.runtime.execute({ name: 'main.js', source, files, imports });

describe('a program of several files', () => {
  test.each<[string, string, Record<string, string>, unknown]>([
    [
      'imports of imports',
      'import { a } from "./lib/a.js";\nexport default a',
      { 'lib/a.js': 'import { b } from "../b.ts";\nexport const a = b;', 'b.ts': 'export const b: number = 4;' },
      4,
    ],
    [
      'cycles',
      'import { even } from "./even.js";\nexport default even(10)',
      {
        'even.js': 'import { odd } from "./odd.js";\nexport const even = (n) => n === 0 || odd(n - 1);',
        'odd.js': 'import { even } from "./even.js";\nexport const odd = (n) => n !== 0 && even(n - 1);',
      },
      true,
    ],
    [
      'live bindings',
      'import { count, add } from "./count.js";\nadd();\nexport default count',
      { 'count.js': 'export let count = 0;\nexport const add = () => { count++ };' },
      1,
    ],
    [
      'top-level await in an import',
      'import { a } from "./a.js";\nexport default a',
      { 'a.js': 'export const a = await Promise.resolve(5);' },
      5,
    ],
    [
      'JSON',
      'import rates from "./rates.json" with { type: "json" };\nexport default rates.full',
      { 'rates.json': '{ "full": 19 }' },
      19,
    ],
    [
      'a rejection that its handler waits for',
      'const load = async () => { throw new Error("x"); };\nconst a = load();\nexport default async () => { try { await a } catch { return 7 } }',
      {},
      7,
    ],
    ['import()', 'const { a } = await import("./" + "a.js");\na', { 'a.js': 'export const a = 6' }, 6],
    [
      'import.meta of each file',
      'import { url, main } from "./a.js";\nexport default [import.meta.main, url, main]',
      { 'a.js': 'export const { url, main } = import.meta;' },
      [true, 'file:///a.js', false],
    ],
    ['export of all', 'export * from "./a.js";\nexport { default } from "./a.js"', { 'a.js': 'export default 7' }, 7],
  ])('%s', async (_, source, files, result) => {
    const outcome = await run(source, files);
    expect(outcome.error).toBeUndefined();
    expect(outcome.result).toEqual(result);
  });

  test('an import map names files', async () => {
    const outcome = await run(
      'import { vat } from "@acme/vat";\nexport default vat',
      { 'acme/vat.js': 'export const vat = 8' },
      { '@acme/vat': 'acme/vat.js' },
    );
    expect(outcome.result).toBe(8);
  });

  test('an error has its place in its file, and its stack all files', async () => {
    const { error } = await run('import { f } from "./a.ts";\nexport default () => f()', {
      'a.ts': 'type A = 1;\nexport const f = (): never => { throw new Error("x") };',
    });
    expect(error).toMatchObject({ message: 'Error: x', file: 'a.ts', line: 2, column: 39 });
    expect(error?.stack).toBe('Error: x\n    at f (a.ts:2:39)\n    at default (main.js:2:22)');
  });

  test.each<[string, string, Record<string, string>, string, object]>([
    [
      'what is not there',
      '1;\nimport "./b.js"',
      { 'a.js': '' },
      "SyntaxError: Cannot import './b.js': there is './a.js'",
      { file: 'main.js', line: 2, column: 8 },
    ],
    [
      'what is not there, in a folder',
      'import "./lib/a.js"',
      { 'lib/a.js': 'import "./c.js"', 'lib/b.js': '' },
      "SyntaxError: Cannot import './c.js': there is '../main.js', './b.js'",
      { file: 'lib/a.js', line: 1, column: 8 },
    ],
    [
      'a package',
      'import "lodash"',
      { 'a.js': '' },
      "SyntaxError: Cannot import 'lodash': there is './a.js'. `copepod build` bundles npm packages",
      { line: 1 },
    ],
    [
      'a name without its ending',
      'import "./a"',
      { 'a.ts': '' },
      "SyntaxError: Cannot import './a': write the whole name, './a.ts'",
      { line: 1 },
    ],
    [
      'JSON without an attribute',
      'import a from "./a.json"',
      { 'a.json': '1' },
      "SyntaxError: './a.json' is JSON: import it with { type: 'json' } behind the name",
      { line: 1 },
    ],
    [
      'what does not compile',
      'import "./a.js"',
      { 'a.js': '\nconst a = ;' },
      "SyntaxError: Unexpected token ';'",
      { file: 'a.js', line: 2, column: 11 },
    ],
    [
      'an export that is not there',
      'import { b } from "./a.js";\nb',
      { 'a.js': '' },
      "SyntaxError: The requested module './a.js' does not provide an export named 'b'",
      {},
    ],
    [
      'a source phase import',
      'import source a from "./a.js"',
      { 'a.js': '' },
      "SyntaxError: Unexpected identifier 'a'",
      { line: 1, column: 15 },
    ],
    [
      'a source phase import()',
      'await import.source("./a.js")',
      { 'a.js': '' },
      "SyntaxError: Unexpected identifier 'source'",
      { line: 1, column: 14 },
    ],
  ])('%s is refused', async (_, source, files, message, place) => {
    const { error } = await run(source, files);
    expect(error?.message).toBe(message);
    expect(error).toMatchObject(place);
  });

  test('a default import may be called source', async () => {
    expect(
      (await run('import source from "./a.js"; export default source', { 'a.js': 'export default 5' })).result,
    ).toBe(5);
  });

  test('an import() that fails can be caught', async () => {
    const { result } = await run(
      'try { await import("./a.js") } catch (e) { [e instanceof TypeError, e.message, e.code] }',
      { 'a.js': 'throw Object.assign(new TypeError("x"), { code: 5 })' },
    );
    expect(result).toEqual([true, 'x', 5]);
  });
});
