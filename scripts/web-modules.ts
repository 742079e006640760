/**
 * Builds the web platform's code inside the isolate as modules that are evaluated one by one, each when it is first used: a script
 * uses few of them, and whatever is evaluated is evaluated again in each context. A module is a function that gives what it exports.
 * Bundlers put the modules of a bundle into one scope, whose functions and classes V8 would make whether they are used or not.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { moduleOf } from '../src/runtime/guest/web/module-of.ts';
import { INTERFACES, MEMBERS } from '../src/runtime/guest/web/names.ts';

const FOLDER = 'src/runtime/guest/web';
const ENTRY = 'main';

/** Modules that few scripts use. They are a second file, so that most processes need not read and compile them. */
const SELDOM: ReadonlySet<string> = new Set([
  'blob',
  'compression-streams',
  'crypto-algorithms',
  'crypto-key',
  'data-url',
  'form-body',
  'form-data',
  'global-events',
  'message-port',
  'mime-type',
  'multipart',
  'streams',
  'structured-clone',
  'subtle-crypto',
  'text-streams',
  'tracing',
  'url-pattern',
]);

/** A module of the folder, as a file of it names it. */
const MODULE = /^\.\/([a-z0-9-]+)\.ts$/;
/** How a module asks for another one that it uses later, if at all. */
const LATER = /\brequire\('\.\/([a-z0-9-]+)\.ts'\)/g;

interface Module {
  readonly name: string;
  readonly code: string;
  /** Modules that are evaluated before it. */
  readonly imports: ReadonlySet<string>;
  /** Modules that it may use later. */
  readonly later: ReadonlySet<string>;
}

/**
 * Writes `web.js` and `web-seldom.js`: functions of what the guest gives the platform.
 * @param options of esbuild
 * @returns what went into them
 * @throws Error where modules import each other in a circle
 */
export async function buildWebModules(outdir: string, options: BuildOptions): Promise<readonly Metafile[]> {
  const metafiles: Metafile[] = [];
  const modules = new Map<string, Module>();
  const add = async (name: string): Promise<void> => {
    if (modules.has(name)) return;
    const [module, metafile] = await compile(name, options);
    modules.set(name, module);
    metafiles.push(metafile);
    for (const other of [...module.imports, ...module.later]) await add(other);
  };
  await add(ENTRY);
  for (const name of [...INTERFACES, ...MEMBERS, 'serve'] as const) await add(moduleOf(name));
  for (const { name } of modules.values()) requireNoCircle(name, modules, []);

  const entry = modules.get(ENTRY) as Module;
  const others = [...modules.values()].filter(({ name }) => name !== ENTRY).sort((a, b) => (a.name < b.name ? -1 : 1));
  const seldom = others.filter(({ name }) => SELDOM.has(name));
  const often = others.filter(({ name }) => !SELDOM.has(name));
  // A function that is called takes V8 longer, the more functions are in it.
  const handlers = new Set<string>();
  addImports('serve', modules, handlers);
  const first = often.filter(({ name }) => handlers.has(name));
  const rest = often.filter(({ name }) => !handlers.has(name));
  const codeOf = `function codeOf(name){${choice(first)}return codeOfOther(name)}function codeOfOther(name){${choice(rest)}}`;
  writeFileSync(
    join(outdir, 'web.js'),
    `(function(kit){"use strict";var bundle,use;${codeOf}${entry.code}return bundle})`,
  );
  writeFileSync(
    join(outdir, 'web-seldom.js'),
    `(function(kit,use){"use strict";return function(name){${choice(seldom)}}})`,
  );
  return metafiles;
}

/** The code of a module. V8 makes the functions in it when it is evaluated. */
const choice = (modules: readonly Module[]): string =>
  `switch(name){${modules.map(({ name, code }) => `case"${name}":return function(){${code}return bundle};`).join('')}}`;

async function compile(name: string, options: BuildOptions): Promise<[Module, Metafile]> {
  const imports = new Set<string>();
  const later = new Set<string>();
  const { outputFiles, metafile } = await build({
    ...options,
    stdin: { contents: await entryOf(name), resolveDir: FOLDER, sourcefile: `${name}-entry.ts`, loader: 'ts' },
    plugins: [...(options.plugins ?? []), modulesOfTheFolder(name, imports, later)],
    write: false,
    metafile: true,
  });
  const code = outputFiles?.[0]?.text ?? '';
  // What esbuild and libraries call of `Object` is what it was before the script ran.
  const object = /\bObject\b/.test(code) ? 'var Object=kit.object;' : '';
  const bundle = name === ENTRY ? '' : 'var bundle;';
  return [{ name, code: `${bundle}${object}${code}`, imports, later }, metafile as Metafile];
}

/** What has a module evaluated, and gives its exports. */
async function entryOf(name: string): Promise<string> {
  if (name === ENTRY) return `import './${ENTRY}.ts';`;
  const names = (await exportsOf(name)).join();
  return `import {${names}} from './${name}.ts'; bundle = {__proto__: null, ${names}};`;
}

const exported = new Map<string, Promise<readonly string[]>>();

/** Names of what a module exports at run time. */
function exportsOf(name: string): Promise<readonly string[]> {
  const names = exported.get(name) ?? readExports(name);
  exported.set(name, names);
  return names;
}

async function readExports(name: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [join(FOLDER, `${name}.ts`)],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}

/** In the code of one module, others of the folder are what `use` gives. */
function modulesOfTheFolder(self: string, imports: Set<string>, later: Set<string>): Plugin {
  return {
    name: 'modules of the folder',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: MODULE }, ({ path, kind, importer }) => {
        const name = MODULE.exec(path)?.[1] as string;
        if (kind !== 'import-statement' || self === ENTRY || name === self || basename(importer) === `${self}-entry.ts`)
          return undefined;
        imports.add(name);
        return { path: name, namespace: 'module', sideEffects: false };
      });
      onLoad({ filter: /./, namespace: 'module' }, async ({ path }) => {
        // Only those that are used remain.
        const names = (await exportsOf(path)).map(
          (name) => `export const ${name}=/* @__PURE__ */ (()=>all.${name})();`,
        );
        return { contents: [`const all=use("${path}");`, ...names].join('\n') };
      });
      onLoad({ filter: new RegExp(`/${FOLDER}/[^/]+\\.ts$`) }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(LATER, (_, name: string) => {
          later.add(name);
          return `use("${name}")`;
        }),
        loader: 'ts',
      }));
    },
  };
}

/** Adds a module and all that are evaluated before it. */
function addImports(name: string, modules: ReadonlyMap<string, Module>, to: Set<string>): void {
  to.add(name);
  for (const other of modules.get(name)?.imports ?? []) addImports(other, modules, to);
}

function requireNoCircle(name: string, modules: ReadonlyMap<string, Module>, path: readonly string[]): void {
  if (path.includes(name)) throw new Error(`modules import each other: ${[...path, name].join(' > ')}`);
  for (const other of modules.get(name)?.imports ?? []) requireNoCircle(other, modules, [...path, name]);
}
