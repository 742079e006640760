import { describe, expect, test } from '@jest/globals';
import { type RefusedImport, refusedText } from '../../../../src/cli/bundle/import-chains.ts';

/** What is told of imports of modules of Node, where these files import these. Entries are files that nothing imports, or those named. */
function told(
  imports: readonly (readonly [file: string, imported: string])[],
  refused: readonly (readonly [importer: string, module: string])[],
  entries: readonly string[] = [],
): string[] {
  const importers = new Map<string, Set<string>>();
  for (const [file, imported] of imports) importers.set(imported, (importers.get(imported) ?? new Set()).add(file));
  const found: RefusedImport[] = refused.map(([importer, module]) => ({ importer, module }));
  return refusedText({ entries: new Set(entries), importers, refused: found }).split('\n');
}

/** Expects the same whatever order imports are resolved in. */
function expectTold(
  imports: Parameters<typeof told>[0],
  refused: Parameters<typeof told>[1],
  lines: readonly string[],
) {
  expect(told(imports, refused)).toEqual(lines);
  expect(told(imports.toReversed(), refused.toReversed())).toEqual(lines);
}

describe('refused imports', () => {
  test('are told nearest first and once each', () => {
    expectTold(
      [
        ['src/main.ts', 'src/io.ts'],
        ['src/main.ts', 'deep/index.js'],
        ['deep/index.js', 'deep/lib.js'],
      ],
      [
        ['deep/lib.js', 'net'],
        ['src/io.ts', 'node:fs'],
        ['src/io.ts', 'node:dns'],
        ['src/io.ts', 'node:fs'],
      ],
      [
        'node:dns is a module of Node: imported by src/io.ts, imported by src/main.ts',
        'node:fs is a module of Node: imported by src/io.ts, imported by src/main.ts',
        'net is a module of Node: imported by deep/lib.js, imported by deep/index.js, imported by src/main.ts',
      ],
    );
  });

  test('have the shortest chain of imports', () => {
    expectTold(
      [
        ['main.ts', 'a.ts'],
        ['a.ts', 'b.ts'],
        ['b.ts', 'io.ts'],
        ['main.ts', 'z.ts'],
        ['z.ts', 'io.ts'],
      ],
      [['io.ts', 'fs']],
      ['fs is a module of Node: imported by io.ts, imported by z.ts, imported by main.ts'],
    );
  });

  test('have the first by the names of files of several chains that are as short', () => {
    expectTold(
      [
        ['main.ts', 'z.ts'],
        ['main.ts', 'a.ts'],
        ['z.ts', 'io.ts'],
        ['a.ts', 'io.ts'],
      ],
      [['io.ts', 'fs']],
      ['fs is a module of Node: imported by io.ts, imported by a.ts, imported by main.ts'],
    );
  });

  test('have a chain that ends where files import each other', () => {
    const imports = [
      ['main.ts', 'a.ts'],
      ['a.ts', 'b.ts'],
      ['b.ts', 'a.ts'],
      ['b.ts', 'main.ts'],
    ] as const;
    const line = 'fs is a module of Node: imported by b.ts, imported by a.ts, imported by main.ts';
    expect(told(imports, [['b.ts', 'fs']], ['main.ts'])).toEqual([line]);
    expect(told(imports.slice(1, 3), [['b.ts', 'fs']])).toEqual(['fs is a module of Node: imported by b.ts']);
  });
});
