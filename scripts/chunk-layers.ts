import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/** Modules that are loaded together, with all that they import. */
export type Layer = readonly string[];

/** A module that imports so much of a layer, in bytes, may as well load all of it. */
const LARGE_PART = 0.05;

type Inputs = Metafile['inputs'];

/** A module that is imported dynamically. */
interface Entry {
  readonly path: string;
  readonly importers: readonly string[];
  /** It, and all that it imports statically. */
  readonly reached: ReadonlySet<string>;
  /** How many layers it imports. */
  layers: number;
}

/**
 * Has each layer built as one chunk. esbuild makes a chunk for each set of dynamically imported modules that share code, and
 * `copepod run` loaded a hundred of them: Node takes longer to find a file than to compile it. Where all that share a layer import the
 * whole of it, it is one chunk.
 * @param layers a layer is loaded after those before it
 * @param options of the build
 */
export async function chunkLayers(layers: readonly Layer[], options: BuildOptions): Promise<Plugin> {
  const { metafile } = await build({ ...options, metafile: true, write: false });
  const entries = entriesOf(metafile.inputs, layers);
  return {
    name: 'chunk layers',
    setup({ onLoad }) {
      onLoad({ filter: /\.m?[jt]s$/ }, async ({ path }) => {
        const entry = entries.find((each) => resolve(each.path) === path);
        if (entry === undefined) return undefined;
        const modules = layers
          .slice(0, entry.layers)
          .flat()
          .filter((module) => module !== entry.path);
        const imports = modules.map((module) => `import ${JSON.stringify(resolve(module))};`);
        return {
          contents: [await readFile(path, 'utf8'), ...imports].join('\n'),
          loader: path.endsWith('.ts') ? 'ts' : 'js',
        };
      });
    },
  };
}

function entriesOf(inputs: Inputs, layers: readonly Layer[]): Entry[] {
  const wholes = layers.map((layer) => reachedFrom(layer, inputs));
  /** What a layer before it has is no part of a layer. */
  const layerOf = (module: string): number => wholes.findIndex((whole) => whole.has(module));
  const bytesOf = (modules: Iterable<string>, layer: number): number =>
    [...modules]
      .filter((module) => layerOf(module) === layer)
      .reduce((sum, module) => sum + (inputs[module]?.bytes ?? 0), 0);
  const entries = [...dynamicImporters(inputs)].map(([path, importers]): Entry => {
    const reached = reachedFrom([path], inputs);
    const needs = (whole: ReadonlySet<string>, layer: number): boolean =>
      importers.some((importer) => layerOf(importer) === layer) ||
      bytesOf(reached, layer) >= LARGE_PART * bytesOf(whole, layer);
    return { path, importers, reached, layers: wholes.findLastIndex(needs) + 1 };
  });
  addLoaded(entries);
  return entries;
}

/** Adds the layers that are loaded in any case before a module is. */
function addLoaded(entries: readonly Entry[]): void {
  const loadedBefore = (importer: string): number => {
    const from = entries.filter(({ reached }) => reached.has(importer));
    return from.length === 0 ? 0 : Math.min(...from.map((each) => each.layers));
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const entry of entries) {
      const loaded = Math.min(...entry.importers.map(loadedBefore));
      if (loaded <= entry.layers) continue;
      entry.layers = loaded;
      changed = true;
    }
  }
}

/** Dynamically imported modules, each with those that import it. */
function dynamicImporters(inputs: Inputs): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  for (const [importer, { imports }] of Object.entries(inputs)) {
    for (const { path, kind, external } of imports) {
      if (kind !== 'dynamic-import' || external) continue;
      importers.set(path, [...(importers.get(path) ?? []), importer]);
    }
  }
  return importers;
}

/** Modules, and all that they import statically. */
function reachedFrom(modules: Iterable<string>, inputs: Inputs): Set<string> {
  const reached = new Set(modules);
  for (const module of reached) {
    for (const { path, kind } of inputs[module]?.imports ?? []) {
      if (kind !== 'dynamic-import' && path in inputs) reached.add(path);
    }
  }
  return reached;
}
