/**
 * Builds dist/: the types of the library with tsc; the library, the CLI, the sandbox process and the code inside the isolate with
 * esbuild. The CLI is bundled because a pod's start is part of the latency of a waiting execution, and locating and reading 550
 * files took most of it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { type BuildOptions, type Metafile, type Plugin, build as runBuild } from 'esbuild';
import { packageVersion } from '../src/cli/package-version.ts';
import { buildPage } from './build-page.ts';
import { bundledPackages, noticesOf } from './bundled-packages.ts';
import { chunkLayers } from './chunk-layers.ts';
import { definitions } from './definitions-plugin.ts';
import { buildWebModules } from './web-modules.ts';

const SANDBOX = 'dist/sandbox';

rmSync('dist', { recursive: true, force: true });
// By its path: the older TypeScript that is there for its API has a command of the same name.
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

const metafiles: Metafile[] = [];
async function build(options: BuildOptions): Promise<void> {
  const { metafile } = await runBuild({ ...options, metafile: true });
  metafiles.push(metafile as Metafile);
}

const common = { bundle: true, logLevel: 'warning', legalComments: 'none', target: 'node26' } as const;

/**
 * Loads built-in modules with `require`, and only the exports that are used: an import evaluates all exports, and for
 * node:http that loads the implementation of `fetch`, which takes 50 ms.
 */
const requiredBuiltins: Plugin = {
  name: 'required builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'builtin' }, async ({ path }) => {
      const { default: _, ...names } = (await import(path)) as Record<string, unknown>;
      const exported = Object.keys(names).map(
        (name) => `export const ${name} = /* @__PURE__ */ (() => all.${name})();`,
      );
      return {
        contents: [`const all = require(${JSON.stringify(path)}); export default all;`, ...exported].join('\n'),
      };
    });
  },
};

/** The CEL library is a file of its own, loaded when it is first used: see src/api/cel-library.ts. */
const lateCel: Plugin = {
  name: 'late CEL',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/api\/cel-library\.ts$/ }, () => ({
      contents: "export const celLibrary = () => require('./cel.cjs');",
    }));
  },
};

/** Shared with the library: errors thrown by host functions must be instances of the class they import from it. */
const librarysOwn: Plugin = {
  name: "library's own",
  setup({ onResolve }) {
    onResolve({ filter: /\/host-bridge\.ts$/ }, () => ({ path: '../runtime/host-bridge.js', external: true }));
  },
};

// One output folder: paths relative to a file (the sandbox, for example) resolve two folders up, as in the sources.
const cli: BuildOptions = {
  ...common,
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist/cli',
  platform: 'node',
  format: 'esm',
  splitting: true,
  external: ['esbuild', 'isolated-vm', 'undici', './cel.cjs'],
  banner: {
    js: `const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);`,
  },
};
const cliPlugins = [requiredBuiltins, librarysOwn, definitions, lateCel];
/** All commands; what reads and checks manifests; the engine. */
const layers = [['src/cli/program.ts'], ['src/cli/run/command.ts'], ['src/cli/run/run-all.ts']];
await build({ ...cli, plugins: [await chunkLayers(layers, { ...cli, plugins: cliPlugins }), ...cliPlugins] });
chmodSync('dist/cli/main.js', 0o755);
await build({
  ...common,
  entryPoints: { cel: '@marcbachmann/cel-js' },
  outdir: 'dist/cli',
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  format: 'cjs',
});

/** In the library, which is no bundle of its packages. */
const lateCelPackage: Plugin = {
  name: 'late CEL package',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/api\/cel-library\.ts$/ }, () => ({
      contents: `import { createRequire } from 'node:module';
        const require = createRequire(import.meta.url);
        export const celLibrary = () => require('@marcbachmann/cel-js');`,
    }));
  },
};

// Programs find one file of the library in place of a hundred. What package.json names gives it on, and has the types beside it.
const LIBRARY = {
  index: './library/index.js',
  'client/index': '../library/client.js',
  'codemode/index': '../library/codemode.js',
};
await build({
  ...common,
  entryPoints: { index: 'src/index.ts', client: 'src/client/index.ts', codemode: 'src/codemode/index.ts' },
  outdir: 'dist/library',
  platform: 'node',
  format: 'esm',
  splitting: true,
  packages: 'external',
  plugins: [librarysOwn, definitions, lateCelPackage],
});
for (const [name, file] of Object.entries(LIBRARY)) writeFileSync(`dist/${name}.js`, `export * from '${file}';\n`);

metafiles.push(await buildPage('dist/dashboard'));

// One bundle for each kind of sandbox, and what loads them.
await build({
  ...common,
  entryPoints: {
    script: 'src/runtime/sandbox/main.ts',
    compiler: 'src/runtime/sandbox/compiler-main.ts',
    typescript: 'src/runtime/sandbox/typescript-main.ts',
    start: 'src/runtime/sandbox/start.ts',
    zygote: 'src/runtime/sandbox/zygote.ts',
    'inspected-start': 'src/runtime/sandbox/inspected/start.ts',
    'inspected-isolated-vm': 'src/runtime/sandbox/inspected/isolated-vm.ts',
  },
  outdir: SANDBOX,
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  format: 'cjs',
  external: ['./typescript-5.cjs'],
});

// TypeScript's own compiler as one file, for the process that compiles what oxc does not: nothing else of its package is needed.
await build({
  ...common,
  entryPoints: ['typescript-5'],
  outfile: `${SANDBOX}/typescript-5.cjs`,
  platform: 'node',
  format: 'cjs',
  minify: true,
});

/** What the console's library does otherwise here, as a text of it and what stands in its place. */
const CHANGES: readonly (readonly [text: string, instead: string])[] = [
  // It looks for an array's members that are no elements among descriptors of all that it has: ten million elements took a
  // gigabyte. It shows a hundred elements, so of a long array it shows these alone.
  ['getOwnNonIndexProperties:function(t,e=2){', 'getOwnNonIndexProperties:function(t,e=2){if(t.length>1e5)return[];'],
  // The library knows only proxies that it has made itself: src/runtime/guest/inspector.ts asks V8.
  ['getProxyDetails:c.getProxyDetails.bind(c)', 'getProxyDetails:(t,e=!0)=>proxyDetails(t,e)'],
  // A proxy is logged as its target, without `Proxy(` around it: what a library has wrapped is the author's object all the same.
  ['if(0!==s)for(let e=0;e<s;e++)u=', 'if(!1)for(let e=0;e<s;e++)u='],
  ['for(let n=0;n<s;n++)e=', 'for(let n=0;n<0;n++)e='],
  // It knows typed arrays by their names, and none of Float16Array.
  [
    'isTypedArray:t=>A(t,"Int8Array","Uint8Array","Uint8ClampedArray","Int16Array","Uint16Array","Int32Array","Uint32Array","Float32Array","Float64Array","BigInt64Array","BigUint64Array")',
    'isTypedArray:(t=>e=>void 0!==t.call(e))(y(g(Int8Array.prototype),P).get)',
  ],
  // It knows a Map and a Set by their prototypes, also where they have none.
  ['isMap(t){if(!A(t,"Map"))return!1;', 'isMap(t){if(!A(t,"Map")&&null!==g(t))return!1;'],
  ['isSet(t){if(!A(t,"Set"))return!1;', 'isSet(t){if(!A(t,"Set")&&null!==g(t))return!1;'],
  // The tag beside the name of a class is left out as in Node 26: `Temporal.PlainDate` says what `PlainDate` does.
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code of the library
    'let o=`${t}${r} `;if(""!==e){const n=t.indexOf(e);if(-1===n)o+=`[${e}] `;else{const r=n+e.length;r!==t.length&&t[r]===t[r].toLowerCase()&&(o+=`[${e}] `)}}return o}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
    'const o=e.lastIndexOf(".");return""===e?`${t}${r} `:t===(o<1?e:e.slice(o+1))?`${e}${r} `:`${t}${r} [${e}] `}',
  ],
];

const changedInspect: Plugin = {
  name: 'changed inspect',
  setup({ onLoad }) {
    onLoad({ filter: /node-inspect-extracted\/dist\/inspect\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      for (const [text, instead] of CHANGES) {
        const parts = contents.split(text);
        if (parts.length !== 2) throw new Error(`${path}: is not what it was: ${text}`);
        contents = parts.join(instead);
      }
      return { contents };
    });
  },
};

// The isolate has no module loader: each bundle is one expression whose value is what its entry assigns to `bundle`.
// The inspector's library expects all of ECMAScript and `URL`; missing globals are replaced by empty objects.
const guests = { guest: 'main', inspector: 'inspector' };
const withheld =
  '{__proto__:globalThis,Atomics:{},SharedArrayBuffer:class{},FinalizationRegistry:class{},WeakRef:class{},URL:class{}}';
for (const [name, entry] of Object.entries(guests)) {
  await build({
    ...common,
    entryPoints: [`src/runtime/guest/${entry}.ts`],
    outfile: `${SANDBOX}/${name}.js`,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'esm',
    minify: true,
    plugins: [changedInspect],
    ...(name === 'inspector' ? { define: { globalThis: 'allGlobals', URL: 'allGlobals.URL' } } : {}),
    banner: { js: `(function(allGlobals){"use strict";var bundle${name === 'inspector' ? ',proxyDetails' : ''};` },
    footer: { js: `return bundle})(${name === 'inspector' ? withheld : ''})` },
  });
}

/** Inside the isolate no global is there before a script asks for it: the library of streams has these from the platform. */
const platformsOwn: Plugin = {
  name: "platform's own",
  setup({ onLoad }) {
    onLoad({ filter: /web-streams-polyfill\/dist\/ponyfill\.mjs$/ }, ({ path }) => {
      const names = `import { AbortController } from './abort.ts'; import { DOMException } from './dom-exception.ts';`;
      const contents = `${names} const globalThis = { DOMException }; ${readFileSync(path, 'utf8')}`;
      return { contents, resolveDir: `${import.meta.dirname}/../src/runtime/guest/web` };
    });
  },
};

// Names stay: classes and functions show them.
const web: BuildOptions = {
  ...common,
  platform: 'neutral',
  mainFields: ['module', 'main'],
  format: 'esm',
  minifyWhitespace: true,
  minifySyntax: true,
  define: { COPEPOD_VERSION: JSON.stringify(packageVersion()) },
  plugins: [platformsOwn],
};
metafiles.push(...(await buildWebModules(SANDBOX, web)));

// What tests import, which `copepod test` bundles with them.
await build({
  ...common,
  entryPoints: ['src/cli/test/guest/main.ts'],
  outfile: `${SANDBOX}/test.js`,
  platform: 'neutral',
  format: 'esm',
});

const bundled = bundledPackages(metafiles);
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', noticesOf(bundled));
// For the list of what an image or a package holds: scripts/release/sbom.ts.
writeFileSync(
  'dist/bundled-packages.json',
  `${JSON.stringify(
    bundled.map(({ name, version, licence }) => ({ name, version, licence })),
    null,
    2,
  )}\n`,
);
