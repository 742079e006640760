import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';

/** What is found while imports are resolved. */
export interface Resolutions {
  /** The first importer of each file. */
  readonly importers: Map<string, string>;
  /** Why an import is refused, with the chain of imports to it. */
  readonly refused: string[];
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
          refused.push(`${path} is a module of Node: imported by ${chain(importers, importer)}`);
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

/** `node_modules/a/index.js ← src/main.ts`: a file, and those that import it. */
function chain(importers: ReadonlyMap<string, string>, file: string): string {
  const files: string[] = [];
  for (let at: string | undefined = file; at !== undefined && !files.includes(at); at = importers.get(at))
    files.push(at);
  return files.map((each) => relative(process.cwd(), each)).join(', imported by ');
}
