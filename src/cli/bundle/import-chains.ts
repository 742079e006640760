import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';

/** An import of what only Node has. */
export interface RefusedImport {
  readonly module: string;
  /** The file that imports it. */
  readonly importer: string;
}

/** What is found while imports are resolved, several at once: its order says nothing. */
export interface Resolutions {
  /** Files that nothing needs to import. */
  readonly entries: Set<string>;
  /** The files that import a file. */
  readonly importers: Map<string, Set<string>>;
  readonly refused: RefusedImport[];
}

/** Notes which file imports which, and refuses what only Node has. */
export function importChains({ entries, importers, refused }: Resolutions): Plugin {
  return {
    name: 'import chains',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        // What follows asks for the same import again, to be resolved by the others.
        if (pluginData === importChains) return undefined;
        const resolved = await build.resolve(path, { importer, resolveDir, kind, pluginData: importChains });
        const isMissing = resolved.errors.length > 0 || resolved.external;
        if (isMissing && isBuiltin(path)) {
          refused.push({ module: path, importer });
          // Resolved to nothing, so that all of them are told at once.
          return { path, namespace: 'refused' };
        }
        if (importer === '') entries.add(resolved.path);
        else importers.set(resolved.path, (importers.get(resolved.path) ?? new Set()).add(importer));
        return resolved;
      });
      build.onLoad({ filter: /./, namespace: 'refused' }, () => ({ contents: 'module.exports = {};' }));
    },
  };
}

/**
 * What to say of refused imports: a line for each, with the shortest chain of imports to it, those nearest to the author's own
 * code first. Pure.
 */
export function refusedText({ refused, ...resolutions }: Resolutions): string {
  const lines = refused.map(({ module, importer }) => {
    const files = chainTo(importer, resolutions).map((file) => relative(process.cwd(), file));
    return {
      depth: files.length,
      text: `${module} is a module of Node: imported by ${files.join(', imported by ')}`,
    };
  });
  lines.sort((one, other) => one.depth - other.depth || (one.text < other.text ? -1 : 1));
  return [...new Set(lines.map(({ text }) => text))].join('\n');
}

/** A file, one that imports it, and so on to an entry: the shortest such chain, and of several the first by the names of its files. */
function chainTo(file: string, { entries, importers }: Omit<Resolutions, 'refused'>): readonly string[] {
  // By breadth. The set grows while it is iterated.
  const chains = new Map<string, readonly string[]>([[file, [file]]]);
  for (const [at, chain] of chains) {
    const next = entries.has(at) ? [] : [...(importers.get(at) ?? [])].sort();
    if (next.length === 0) return chain;
    for (const importer of next) if (!chains.has(importer)) chains.set(importer, [...chain, importer]);
  }
  return [file];
}
