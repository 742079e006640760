import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { ROOT } from '../integration/support/cli.ts';

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Package;
/** Addons, which sandbox and compiler processes load by their path: src/runtime/spawned-process.ts. */
const LOADED_BY_PATH = ['isolated-vm', 'oxc-transform'];

/** Packages that the built files import, by what a user starts. */
const imported: Record<string, string[]> = {};

beforeAll(async () => {
  for (const [name, file] of Object.entries({
    library: 'index.js',
    client: 'client/index.js',
    codemode: 'codemode/index.js',
    cli: 'cli/main.js',
  })) {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: [join(ROOT, 'dist', file)],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      outdir: 'out',
      splitting: true,
      packages: 'external',
      logLevel: 'silent',
    });
    const specifiers = Object.values(metafile.inputs).flatMap((input) =>
      input.imports.filter(({ external, path }) => external && !isBuiltin(path)).map(({ path }) => path),
    );
    if (name === 'library') specifiers.push(...Object.keys(metafile.inputs).flatMap(requiredBy));
    imported[name] = [...new Set(specifiers.map(packageOf))].toSorted();
  }
});

/** Packages that a file loads when it first uses them, by a `require` that it has made. */
const requiredBy = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\brequire\d*\("([@\w][^"]*)"\)/g)]
    .map(([, specifier]) => specifier as string)
    .filter((specifier) => !isBuiltin(specifier));

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

test('what an installation brings is what the built files import', () => {
  const all = new Set([...Object.values(imported).flat(), ...LOADED_BY_PATH]);
  expect([...all].toSorted()).toEqual(Object.keys({ ...dependencies, ...optionalDependencies }).toSorted());
});

test('the client of the gateway imports no package', () => {
  expect(imported.client).toEqual([]);
});

test('neither the library nor the CLI imports a Kubernetes client or a web framework: the CLI has what it needs in its bundle', () => {
  for (const name of ['@kubernetes/client-node', 'express', 'pino', 'prom-client']) {
    expect(Object.values(imported).flat()).not.toContain(name);
  }
});
