import { describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { outcomeOf, PodProcess } from './server/pod-process.ts';
import { engineForTests } from './support/engine.ts';

const FILES: Readonly<Record<string, string>> = {
  'src/main.ts': `import { vat } from './vat.ts';
import { round } from 'rounding';
type Params = { net: number };
export default async ({ net }: Params) => {
  if (net === 1) console.log(new Error('logged'));
  if (net === 2) await Promise.reject(new TypeError('rejected'));
  if (net === 3) throw { code: 3 };
  if (net === 4) throw new Error('outer', { cause: new Error('inner') });
  if (net === 5) return new Error('read').stack;
  return round(net + vat(net));
};
`,
  'src/vat.ts': `export enum Rate { Low = 7, High = 19 }
export function vat(net: number): number {
  if (net < 0) throw new RangeError('below 0');
  return (net * Rate.High) / 100;
}
`,
  'node_modules/rounding/index.js': `export const round = (x) => {
  if (x > 1e6) throw new Error('too large');
  return Math.round(x);
};
`,
};

/** One script of the files above, as a bundler writes it. */
async function bundled(
  options: { minify?: boolean; sourcemap?: 'inline' | false; source?: string } = {},
): Promise<string> {
  const { minify = false, sourcemap = 'inline', source } = options;
  const files = source === undefined ? FILES : { ...FILES, 'src/main.ts': source };
  const { outputFiles } = await build({
    entryPoints: ['src/main.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'esnext',
    minify,
    sourcemap,
    sourcesContent: false,
    outfile: 'bundle.js',
    plugins: [
      {
        name: 'files',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /.*/ }, ({ path }) => {
            const name = path === 'rounding' ? 'node_modules/rounding/index.js' : `src/${path.replace(/^.*\//, '')}`;
            return { path: `${process.cwd()}/${name}` };
          });
          onLoad({ filter: /.*/ }, ({ path }) => {
            const name = path.slice(process.cwd().length + 1);
            return { contents: files[name] as string, loader: name.endsWith('.ts') ? 'ts' : 'js' };
          });
        },
      },
    ],
  });
  return outputFiles[0]?.text as string;
}

/** Line and column of a text in one of the files. */
function placeOf(file: string, text: string): { file: string; line: number; column: number } {
  const before = (FILES[file] as string).split(text)[0] as string;
  return { file, line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

const CASES: readonly [string, number, string, ReturnType<typeof placeOf>][] = [
  ['an imported file', -1, 'RangeError: below 0', placeOf('src/vat.ts', "new RangeError('below 0')")],
  ['a package', 9e6, 'Error: too large', placeOf('node_modules/rounding/index.js', "new Error('too large')")],
  ['the entry, in a rejection', 2, 'TypeError: rejected', placeOf('src/main.ts', "new TypeError('rejected')")],
  ['the entry, with a cause', 4, 'Error: outer', placeOf('src/main.ts', "new Error('outer'")],
];

describe('an error of a bundle with its source map', () => {
  const engine = engineForTests();

  describe.each([
    ['readable', false],
    ['minified', true],
  ])('%s', (_, minify) => {
    test.each(CASES)('is at its place in %s', async (_what, net, message, place) => {
      const { error } = await engine.run(await bundled({ minify }), { params: { net } });
      expect(error).toMatchObject({ message, ...place });
      expect(error?.stack).toContain(`${place.file}:${place.line}:${place.column}`);
      expect(error?.stack).not.toContain('script.js');
      expect(error?.stack).toMatch(/src\/main\.ts:\d+:\d+/);
    });

    test('has the places of its causes, of thrown values, of stacks in logs and results', async () => {
      const source = await bundled({ minify });
      const run = (net: number) => engine.run(source, { params: { net } });
      const { error: outer } = await run(4);
      expect(outer?.cause).toMatchObject({ stack: expect.stringContaining('src/main.ts:8:') });
      expect((await run(3)).error).toMatchObject({ file: 'src/main.ts', line: 7 });
      expect((await run(1)).logs[0]?.message).toContain('src/main.ts:5:');
      expect((await run(5)).result).toContain('src/main.ts:9:');
    });
  });

  test('of a name that V8 does not know is at its place', async () => {
    const source = await bundled({ source: 'const rate: number = 1;\n\nexport default () => prcie * rate;\n' });
    expect((await engine.run(source)).error).toMatchObject({ file: 'src/main.ts', line: 3, column: 22 });
  });

  test('that does not compile is at its place', async () => {
    const source = (await bundled()).replace('throw new RangeError', 'throw ) RangeError');
    const { reason, error } = await engine.run(source);
    expect([reason, error?.file, error?.line]).toEqual(['CompilationError', 'src/vat.ts', 3]);
  });

  test('in a file that a script imports is named from the folder of that file', async () => {
    const library = await bundled({ source: `export const fail = (): never => { throw new Error('deep'); };\n` });
    const outcome = await engine.runtime.execute({
      name: 'main.js',
      source: "import { fail } from './lib/rules.js';\nexport default () => fail();",
      files: { 'lib/rules.js': library },
    });
    expect(outcome.error).toMatchObject({ file: 'lib/src/main.ts', line: 1 });
    expect(outcome.error?.stack).toMatch(/main\.js:2:22/);
  });

  test('is at the place of the bundle where it has no map, or where a bundler added the code', async () => {
    const { error } = await engine.run(await bundled({ sourcemap: false }), { params: { net: -1 }, name: 'rules.js' });
    expect(error).toMatchObject({ file: 'rules.js', message: 'RangeError: below 0' });
    const added = `throw new Error('added');\n${await bundled()}`;
    expect((await engine.run(added, { name: 'rules.js' })).error).toMatchObject({
      file: 'rules.js',
      line: 1,
      column: 7,
    });
  });

  test.each([
    ['no mappings', { version: 3, sources: [], mappings: '' }],
    ['mappings of nothing', { version: 3, sources: ['a.ts'], mappings: 'gggggggggg;;;*;A' }],
    ['a name that looks like a frame', { version: 3, sources: ['a.ts:1:1)\n    at x (b.ts'], mappings: 'AAAA' }],
    ['a million places', { version: 3, sources: ['a.ts'], mappings: 'AAAA,'.repeat(200_000) }],
    ['half a million lines', { version: 3, sources: ['a.ts'], mappings: ';'.repeat(500_000) }],
  ])('ends as it does without one, whatever its map says: %s', async (_, map) => {
    const source = `throw new Error('own');\n//# sourceMappingURL=data:application/json,${encodeURI(JSON.stringify(map))}`;
    const { reason, error } = await engine.run(source);
    expect([reason, error?.message, error?.line, error?.column]).toEqual([
      'RuntimeError',
      'Error: own',
      1,
      expect.any(Number),
    ]);
    expect(error?.stack).toMatch(/^Error: own\n {4}at [\w./]+:1:\d+$/);
  });
});

test('a pod names the author’s file and place', async () => {
  await using pod = await PodProcess.serving();
  const source = await bundled({ minify: true });
  for (const [index, [, net, message, place]] of CASES.entries()) {
    const { reason, error } = outcomeOf(await pod.run(`bundle${index}.1.1`, { source, params: { net } }));
    expect(reason).toBe('RuntimeError');
    expect(error).toMatchObject({ ...place, message: expect.stringContaining(message) });
  }
});
