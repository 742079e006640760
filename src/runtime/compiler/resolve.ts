/** What a program's files may import. */
export interface Resolvable {
  readonly names: readonly string[];
  readonly imports: Readonly<Record<string, string>>;
}

/** The name of a file, or why there is none. */
export type Resolution =
  | { readonly name: string }
  /** `path` is where such a file would be, had the program one. */
  | { readonly problem: string; readonly path?: string | undefined };

/** What is the name of an npm package, or begins with one: no address, and no module of Node. */
const PACKAGE = /^(@[\w.-]+\/)?[\w.-]+(\/|$)/;
/** Names listed in an error at most. */
const MAX_LISTED = 10;

/**
 * Finds the file that a specifier stands for: one beside the importing file (`./lib.ts`), or what the import map names.
 * Nothing else resolves: there is no search for endings, packages or addresses.
 */
export function resolve(specifier: string, importer: string, { names, imports }: Resolvable): Resolution {
  if (Object.hasOwn(imports, specifier)) return { name: imports[specifier] as string };
  const others = names.filter((name) => name !== importer);
  if (!/^\.{0,2}\//.test(specifier)) {
    const hint = PACKAGE.test(specifier) ? '. `copepod build` bundles npm packages' : '';
    return { problem: `Cannot import '${specifier}': ${known(importer, others, imports)}${hint}` };
  }
  const path = join(importer, specifier);
  if (path !== undefined && names.includes(path)) return { name: path };
  const withEnding = names.find(
    (name) => path !== undefined && name.replace(/\.[cm]?[jt]s$/, '') === path.replace(/\.[cm]?js$/, ''),
  );
  if (withEnding !== undefined) {
    return { problem: `Cannot import '${specifier}': write the whole name, '${relative(importer, withEnding)}'`, path };
  }
  return { problem: `Cannot import '${specifier}': ${known(importer, others, imports)}`, path };
}

/** A specifier's path from the folder of the importer; undefined above the program's root. */
function join(importer: string, specifier: string): string | undefined {
  const parts = specifier.startsWith('/') ? [] : importer.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function relative(importer: string, name: string): string {
  const from = importer.split('/').slice(0, -1);
  const to = name.split('/');
  while (from.length > 0 && to.length > 1 && from[0] === to[0]) {
    from.shift();
    to.shift();
  }
  return `${from.length === 0 ? './' : '../'.repeat(from.length)}${to.join('/')}`;
}

/** Says what there is to import, as the importing file would write it. */
function known(importer: string, files: readonly string[], imports: Readonly<Record<string, string>>): string {
  const specifiers = Object.keys(imports);
  const mapped = new Set(Object.values(imports));
  const all = [...specifiers, ...files.filter((name) => !mapped.has(name)).map((name) => relative(importer, name))];
  if (all.length === 0) return 'the script is one file, and its runtime has no imports';
  const listed = all.slice(0, MAX_LISTED).map((name) => `'${name}'`);
  return `there is ${listed.join(', ')}${all.length > MAX_LISTED ? ` and ${all.length - MAX_LISTED} more` : ''}`;
}
