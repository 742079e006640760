import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';

/** An import of what only Node has. */
export interface RefusedImport {
  readonly module: string;
  /** The chain of imports to it: the file that imports it, one that imports that file, and so on. */
  readonly importers: readonly string[];
}

/** What is found while imports are resolved, several at once: its order says nothing. */
export interface Resolutions {
  /** The first importer of each file. */
  readonly importers: Map<string, string>;
  readonly refused: RefusedImport[];
}

/** Notes which file imports which, and refuses what only Node has. */
export function importChains({ importers, refused }: Resolutions): Plugin {
  return {
    name: 'import chains',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        // What follows asks for the same import again, to be resolved by the others.
        if (pluginData === importChains) return undefined;
        const resolved = await build.resolve(path, { importer, resolveDir, kind, pluginData: importChains });
        const isMissing = resolved.errors.length > 0 || resolved.external;
        if (isMissing && isBuiltin(path)) {
          refused.push({ module: path, importers: chain(importers, importer) });
          // Resolved to nothing, so that all of them are told at once.
          return { path, namespace: 'refused' };
        }
        if (importer !== '' && !importers.has(resolved.path)) importers.set(resolved.path, importer);
        return resolved;
      });
      build.onLoad({ filter: /./, namespace: 'refused' }, () => ({ contents: 'module.exports = {};' }));
    },
  };
}

/** What to say of refused imports: a line for each, those nearest to the author's own code first. Pure. */
export function refusedText(refused: readonly RefusedImport[]): string {
  const lines = refused.map(({ module, importers }) => ({
    depth: importers.length,
    text: `${module} is a module of Node: imported by ${importers.join(', imported by ')}`,
  }));
  lines.sort((one, other) => one.depth - other.depth || (one.text < other.text ? -1 : 1));
  return [...new Set(lines.map(({ text }) => text))].join('\n');
}

/** A file, and those that import it. */
function chain(importers: ReadonlyMap<string, string>, file: string): string[] {
  const files: string[] = [];
  for (let at: string | undefined = file; at !== undefined && !files.includes(at); at = importers.get(at))
    files.push(at);
  return files.map((each) => relative(process.cwd(), each));
}
