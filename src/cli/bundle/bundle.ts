import { UsageError } from '../../api/usage-error.ts';
import { browserFiles } from './browser-files.ts';
import { importChains, type Resolutions, refusedText } from './import-chains.ts';
import { type PackageSize, sizesOf } from './sizes.ts';

/** One file with all that an entry imports, and where each part of it is from. */
export interface Bundle {
  /** An ES module, without its source map. */
  readonly code: string;
  /** Source map as JSON (ECMA-426); its sources are paths from the working directory. */
  readonly map: string;
  /** What the packages in it take, the largest first. */
  readonly sizes: readonly PackageSize[];
  readonly warnings: readonly string[];
}

export interface BundleOptions {
  readonly minify?: boolean;
  /** With the text of the sources in the map. */
  readonly sourcesContent?: boolean;
  /** Text in front of the bundle, a line. */
  readonly banner?: string;
  /** Files by the specifiers that stand for them, besides those of packages. */
  readonly alias?: Readonly<Record<string, string>>;
}

/** An entry: a file, or text that imports files from a directory. */
export type Entry = { readonly file: string } | { readonly text: string; readonly directory: string };

/**
 * Bundles a script with what it imports, packages from node_modules among it, and leaves out what is not used.
 *
 * Packages are resolved as for edge workers: of several builds of a package, the one that needs nothing of Node, and no page.
 *
 * @throws UsageError for imports that cannot be resolved or that no sandbox has, with the chain of imports to them
 */
export async function bundle(entry: Entry, options: BundleOptions = {}): Promise<Bundle> {
  const esbuild = await loadEsbuild();
  const resolutions: Resolutions = { entries: new Set(), importers: new Map(), refused: [] };
  const input =
    'file' in entry
      ? { entryPoints: [entry.file] }
      : {
          stdin: {
            contents: entry.text,
            resolveDir: entry.directory,
            sourcefile: 'copepod-test-entry.ts',
            loader: 'ts' as const,
          },
        };
  try {
    const { outputFiles, metafile, warnings } = await esbuild.build({
      ...input,
      bundle: true,
      write: false,
      outfile: 'bundle.js',
      format: 'esm',
      target: 'esnext',
      platform: 'browser',
      conditions: ['worker', 'browser'],
      mainFields: ['browser', 'module', 'main'],
      define: { 'process.env.NODE_ENV': '"production"' },
      alias: { ...options.alias },
      treeShaking: true,
      minify: options.minify ?? false,
      keepNames: options.minify ?? false,
      legalComments: 'none',
      charset: 'utf8',
      sourcemap: 'external',
      sourcesContent: options.sourcesContent ?? false,
      metafile: true,
      logLevel: 'silent',
      ...(options.banner === undefined ? {} : { banner: { js: options.banner } }),
      plugins: [importChains(resolutions), browserFiles()],
    });
    if (resolutions.refused.length > 0) throw refusal(resolutions);
    const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    return {
      code: text('bundle.js'),
      map: text('bundle.js.map'),
      sizes: sizesOf(metafile),
      warnings: warnings.map(({ text, location }) => `${placeOf(location)}${text}`),
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { errors } = error as { errors?: readonly { text: string; location: Location | null }[] };
    if (resolutions.refused.length > 0) throw refusal(resolutions);
    if (errors === undefined) throw error;
    throw new UsageError(errors.map(({ text, location }) => `${placeOf(location)}${text}`).join('\n'), hintOf(errors));
  }
}

/** What to do where packages are missing. */
function hintOf(errors: readonly { readonly text: string }[]): string | undefined {
  const missing = errors.flatMap(({ text }) => MISSING_PACKAGE.exec(text)?.[1] ?? []);
  return missing.length === 0 ? undefined : `'npm install ${[...new Set(missing)].join(' ')}' installs what is missing`;
}

/** A specifier that is no path: the name of the package in it. */
const MISSING_PACKAGE = /^Could not resolve "((?:@[^/"]+\/)?[^/".#][^/":]*)[/"]/;

interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const placeOf = (location: Location | null): string =>
  location === null ? '' : `${location.file}:${location.line}:${location.column + 1}: `;

function refusal(resolutions: Resolutions): UsageError {
  const hint = 'a sandbox has ECMAScript, the web platform and host functions: use another package, or a host function';
  return new UsageError(refusedText(resolutions), hint);
}

async function loadEsbuild(): Promise<typeof import('esbuild')> {
  try {
    return await import('esbuild');
  } catch {
    throw new UsageError('esbuild is not installed', "'npm install esbuild' installs it: it is an optional dependency");
  }
}
