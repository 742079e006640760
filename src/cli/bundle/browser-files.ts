import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/** What only a page has, used without asking for it. */
const PAGE = /\bnew (?:DOMParser|XMLSerializer|XMLHttpRequest|FileReader)\b|\bdocument\.\w/;
const IMPORTED = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["']([^"']+)["']/g;

interface Package {
  readonly folder: string;
  /** The `browser` field: files of the package by those that they stand in for. */
  readonly replacements: Readonly<Record<string, unknown>>;
}

/**
 * Keeps the file that a package's `browser` field replaces, where the replacement needs a page and the file needs nothing of Node:
 * a sandbox has neither.
 */
export function browserFiles(): Plugin {
  const packages = new Map<string, Promise<Package | undefined>>();
  const packageOf = (folder: string): Promise<Package | undefined> => {
    let found = packages.get(folder);
    if (found === undefined) {
      found = readPackage(folder, packageOf);
      packages.set(folder, found);
    }
    return found;
  };
  return {
    name: 'browser files',
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, async ({ path, resolveDir }) => {
        const found = await packageOf(resolveDir);
        if (found === undefined) return undefined;
        const file = `./${relative(found.folder, resolve(resolveDir, path))}`;
        for (const key of [file, `${file}.js`]) {
          const replacement = found.replacements[key];
          if (typeof replacement !== 'string') continue;
          const replaced = await read(join(found.folder, key));
          const used = await read(join(found.folder, replacement));
          if (replaced === undefined || used === undefined || !PAGE.test(used.text)) return undefined;
          return PAGE.test(replaced.text) || needsNode(replaced.text) ? undefined : { path: replaced.path };
        }
        return undefined;
      });
    },
  };
}

/** The package that a folder is in, if it has a `browser` field of files. */
async function readPackage(
  folder: string,
  packageOf: (folder: string) => Promise<Package | undefined>,
): Promise<Package | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  // A package.json without a name only says what kind of modules a folder has.
  const { name, browser } = parsed(text);
  if (name === undefined) return dirname(folder) === folder ? undefined : packageOf(dirname(folder));
  return typeof browser === 'object' && browser !== null
    ? { folder, replacements: browser as Package['replacements'] }
    : undefined;
}

/** What cannot be parsed is told of by the bundler. */
function parsed(text: string | undefined): { readonly name?: string; readonly browser?: unknown } {
  try {
    return text === undefined ? {} : (JSON.parse(text) as object);
  } catch {
    return {};
  }
}

async function read(file: string): Promise<{ readonly path: string; readonly text: string } | undefined> {
  for (const path of [file, `${file}.js`]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

const needsNode = (text: string): boolean =>
  [...text.matchAll(IMPORTED)].some(([, specifier]) => isBuiltin(specifier ?? ''));
