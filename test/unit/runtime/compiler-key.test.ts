import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Compiler } from '../../../src/runtime/compiler.ts';
import type { ScriptSource } from '../../../src/runtime/types.ts';

const compiler = new Compiler({ enabled: true, size: 10 }, { compile: () => Promise.reject(new Error('unused')) });
const keyOf = (script: ScriptSource): string => compiler.program(script).key;

const BASE: ScriptSource = {
  name: 'main.js',
  language: 'JavaScript',
  source: 'ab',
  files: { 'x.js': 'cd', 'y.js': 'ef' },
  imports: { lib: 'x.js' },
};

describe('the key of a program in the cache', () => {
  test.each<[string, Partial<ScriptSource>]>([
    ['the name', { name: 'other.js' }],
    ['the language', { language: 'TypeScript' }],
    ['the source', { source: 'aB' }],
    ['the text of a file', { files: { 'x.js': 'cd', 'y.js': 'eF' } }],
    ['the name of a file', { files: { 'x.js': 'cd', 'z.js': 'ef' } }],
    ['the texts of two files, exchanged', { files: { 'x.js': 'ef', 'y.js': 'cd' } }],
    ['an empty file', { files: { 'x.js': 'cd', 'y.js': 'ef', 'z.js': '' } }],
    ['a specifier', { imports: { lab: 'x.js' } }],
    ['the file of a specifier', { imports: { lib: 'y.js' } }],
    ['one more specifier', { imports: { lib: 'x.js', 'lib/y': 'y.js' } }],
    ['no import map', { imports: {} }],
    ['the boundary between two files', { files: { 'x.js': 'cde', 'y.js': 'f' } }],
    ['the boundary between the source and a file', { source: 'abc', files: { 'x.js': 'd', 'y.js': 'ef' } }],
    ['half a character', { source: '\ud800' }],
    ['another half of a character', { source: '\ud801' }],
    ['what a half becomes as UTF-8', { source: '\ufffd' }],
  ])('differs by %s', (_, change) => {
    expect(keyOf({ ...BASE, ...change })).not.toBe(keyOf(BASE));
  });

  test('differs by which half of a character the source has', () => {
    const keys = ['\ud800', '\ud801', '\ufffd'].map((source) => keyOf({ source }));
    expect(new Set(keys).size).toBe(3);
  });

  test('is the same whatever the order of files and imports', () => {
    const files = { 'y.js': 'ef', 'x.js': 'cd' };
    const imports = { b: 'y.js', a: 'x.js' };
    expect(keyOf({ ...BASE, files, imports })).toBe(keyOf({ ...BASE, imports: { a: 'x.js', b: 'y.js' } }));
  });

  test('of a source that was just named differs by its name, its language and its files', () => {
    const source = '1 + 1';
    // Each differs from the one before it in one thing.
    const scripts: ScriptSource[] = [
      { source },
      { source, name: 'script.js', language: 'TypeScript' },
      { source, name: 'a.js', language: 'TypeScript' },
      { source, name: 'a.js', language: 'TypeScript', files: { 'b.js': '' } },
      { source, name: 'a.js', language: 'TypeScript', files: { 'b.js': '' }, imports: { b: 'b.js' } },
    ];
    // Twice: the second time the compiler remembers the last of them.
    for (const keys of [scripts.map(keyOf), scripts.toReversed().map(keyOf)]) expect(new Set(keys).size).toBe(5);
  });

  test('differs where long sources differ in one letter', () => {
    const sources = [0, 500, 999].map((at) => `${'a'.repeat(at)}b${'a'.repeat(999 - at)}`);
    // Twice: the second time the compiler remembers some of them.
    const keys = [...sources, ...sources].map((source) => keyOf({ source }));
    expect(new Set(keys).size).toBe(3);
    expect(keys.slice(3)).toEqual(keys.slice(0, 3));
  });

  test('is the same for equal programs, and for no others', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', ']', '\ud800', '\ufffd'), maxLength: 4 });
    const name = fc.constantFrom('a.js', 'b.js', 'a.ts', 'c/a.js');
    const program = fc.record({
      name,
      language: fc.constantFrom<'JavaScript' | 'TypeScript'>('JavaScript', 'TypeScript'),
      source: text,
      files: fc.dictionary(name, text, { maxKeys: 3 }),
      imports: fc.dictionary(text, name, { maxKeys: 2 }),
    });
    const canonical = ({ files, imports, ...rest }: Required<ScriptSource>): string =>
      JSON.stringify([
        rest.name,
        rest.language,
        rest.source,
        Object.entries(files).sort(),
        Object.entries(imports).sort(),
      ]);
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(program, (script) => {
        const [key, content] = [keyOf(script), canonical(script)];
        expect(seen.get(key) ?? content).toBe(content);
        seen.set(key, content);
        expect(keyOf(structuredClone(script))).toBe(key);
      }),
      { numRuns: 3000 },
    );
  });
});

test('the key of a program differs by V8, its flags and the TypeScript compiler', async () => {
  const PRINT_KEY = fileURLToPath(new URL('./print-key.ts', import.meta.url));
  const keyIn = async (another: string, ...flags: string[]): Promise<string> => {
    const args = [...flags, PRINT_KEY, another];
    return (await promisify(execFile)(process.execPath, args, { timeout: 25_000, env: {} })).stdout;
  };
  const keys = await Promise.all([keyIn('none'), keyIn('none', '--no-opt'), keyIn('V8'), keyIn('oxc')]);
  expect(keys[0]).toMatch(/^[\w-]{43}$/);
  expect(new Set(keys).size).toBe(4);
  expect(await keyIn('none')).toBe(keys[0]);
});
