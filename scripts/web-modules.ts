/**
 * Builds the web platform's code inside the isolate as modules that are evaluated one by one, each when it is first used: a script
 * uses few of them, and whatever is evaluated is evaluated again in each context. A module is a function that gives what it exports.
 * Bundlers put the modules of a bundle into one scope, whose functions and classes V8 would make whether they are used or not. That is done
 * with the modules that every web handler uses.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { moduleOf } from '../src/runtime/guest/web/module-of.ts';
import { INTERFACES, MEMBERS } from '../src/runtime/guest/web/names.ts';

const FOLDER = 'src/runtime/guest/web';
const ENTRY = 'main';
/** What calls a web handler, and all that it imports are bundled as one, too. */
const HANDLER = 'serve';

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
 * Writes `web.js`, `web-seldom.js` and `web-handler.js`: functions of what the guest gives the platform.
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
  for (const name of [...INTERFACES, ...MEMBERS, HANDLER] as const) await add(moduleOf(name));
  for (const { name } of modules.values()) requireNoCircle(name, modules, []);

  const sorted = [...modules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const seldom = sorted.filter(({ name }) => SELDOM.has(name));
  const often = sorted.filter(({ name }) => !SELDOM.has(name));
  // A function that is called takes V8 longer, the more functions are in it.
  const ofHandlers = new Set<string>();
  addImports(HANDLER, modules, ofHandlers);
  const first = often.filter(({ name }) => ofHandlers.has(name));
  const rest = often.filter(({ name }) => !ofHandlers.has(name));
  const codeOf = `function codeOf(name){${choice(first)}return codeOfOther(name)}function codeOfOther(name){${choice(rest)}}`;
  const write = (name: string, parameters: string, body: string): void =>
    writeFileSync(join(outdir, name), `(function(${parameters}){"use strict";${body}})`);
  // With `use`, it gives the modules alone.
  const entry = await compileEntry(false, options);
  write('web.js', 'kit,use', `var bundle;${codeOf}if(use)return codeOf;${entry}return bundle`);
  write('web-seldom.js', 'kit,use', `return function(name){${choice(seldom)}}`);
  const [handler, metafile] = await compileHandler([...ofHandlers].sort(), options);
  metafiles.push(metafile);
  const given = [...ofHandlers].map((name) => `case"${name}":`).join('');
  write(
    'web-handler.js',
    'kit',
    `var bundle,use,all;function handler(){${handler}return bundle}function codeOf(name){switch(name){${given}return function(){all??=handler();return all(name)}}}${await compileEntry(true, options)}return bundle`,
  );
  return metafiles;
}

/** The code of a module. V8 makes the functions in it when it is evaluated. */
const choice = (modules: readonly Module[]): string =>
  `switch(name){${modules.map(({ name, code }) => `case"${name}":return function(){${code}return bundle};`).join('')}}`;

async function compile(name: string, options: BuildOptions): Promise<[Module, Metafile]> {
  const imports = new Set<string>();
  const later = new Set<string>();
  const names = (await exportsOf(name)).join();
  const contents = `import {${names}} from './${name}.ts'; bundle = {__proto__: null, ${names}};`;
  const isOther = (other: string, importer: string): boolean => other !== name && importer !== ENTRY_FILE;
  const plugin = modulesOfTheFolder(isOther, imports, later);
  const [code, metafile] = await bundleOf(contents, plugin, options);
  return [{ name, code, imports, later }, metafile];
}

/** The modules that every web handler uses, as one: a function of a module's name that gives what that exports. */
async function compileHandler(names: readonly string[], options: BuildOptions): Promise<[code: string, Metafile]> {
  const imports: string[] = [];
  const cases: string[] = [];
  for (const [i, name] of names.entries()) {
    const exports = await exportsOf(name);
    imports.push(`import {${exports.map((each) => `${each} as ${each}_${i}`).join()}} from './${name}.ts';`);
    cases.push(`case "${name}": return {__proto__: null, ${exports.map((each) => `${each}: ${each}_${i}`).join()}};`);
  }
  const contents = `${imports.join('')} bundle = (name) => { switch (name) { ${cases.join('')} } };`;
  return await bundleOf(
    contents,
    modulesOfTheFolder(() => false, new Set(), new Set()),
    options,
  );
}

/** The code of a bundle of modules, which assigns to `bundle`. */
async function bundleOf(contents: string, plugin: Plugin, options: BuildOptions): Promise<[code: string, Metafile]> {
  const { outputFiles, metafile } = await build({
    ...options,
    stdin: { contents, resolveDir: FOLDER, sourcefile: ENTRY_FILE, loader: 'ts' },
    plugins: [...(options.plugins ?? []), plugin],
    write: false,
    metafile: true,
  });
  const code = outputFiles?.[0]?.text ?? '';
  // What esbuild and libraries call of `Object` is what it was before the script ran.
  const object = /\bObject\b/.test(code) ? 'var Object=kit.object;' : '';
  return [`var bundle;${object}${code}`, metafile as Metafile];
}

const ENTRY_FILE = 'entry.ts';

/** What has modules evaluated. */
async function compileEntry(isHandler: boolean, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [join(FOLDER, `${ENTRY}.ts`)],
    define: { ...options.define, IS_HANDLER: `${isHandler}` },
    write: false,
  });
  return outputFiles?.[0]?.text ?? '';
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

/**
 * In the code of a bundle, other modules of the folder are what `use` gives.
 * @param isOther whether that holds for what is imported by a file; what may be used later always is
 */
function modulesOfTheFolder(
  isOther: (name: string, importer: string) => boolean,
  imports: Set<string>,
  later: Set<string>,
): Plugin {
  return {
    name: 'modules of the folder',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: MODULE }, ({ path, kind, importer }) => {
        const name = MODULE.exec(path)?.[1] as string;
        if (kind !== 'import-statement' || !isOther(name, basename(importer))) return undefined;
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
