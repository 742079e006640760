/**
 * Builds dist/: the library by tsc; the CLI, the sandbox process and what runs inside the isolate by esbuild. The CLI is
 * bundled because a runtime pod starts when an execution waits for it: of 550 files, most of the time was to find and read them.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build, type Plugin } from 'esbuild';
import { KINDS } from '../src/api/crd.ts';
import { readCrd } from '../src/api/crd-file.ts';

const SANDBOX = 'dist/sandbox';

rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });

const common = { bundle: true, logLevel: 'warning', legalComments: 'none', target: 'node26' } as const;

/**
 * By `require`, and of what it gives only what is used: an import reads all that a module exports, and of node:http that
 * loads what `fetch` is made of, for 50 ms.
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

/** As it is in the library: what host functions throw is of the class that they have imported from there. */
const librarysOwn: Plugin = {
  name: "library's own",
  setup({ onResolve }) {
    onResolve({ filter: /\/host-bridge\.ts$/ }, () => ({ path: '../runtime/host-bridge.js', external: true }));
  },
};

/** As JSON: to parse their YAML is a fifth of what a pod does until it listens. */
const definitions: Plugin = {
  name: 'definitions',
  setup({ onLoad }) {
    onLoad({ filter: /\/crd-file\.ts$/ }, () => {
      const texts = Object.fromEntries(KINDS.map((kind) => [kind, JSON.stringify(readCrd(kind))]));
      return {
        contents: `const texts = ${JSON.stringify(texts)}; export const readCrd = (kind) => JSON.parse(texts[kind]);`,
      };
    });
  },
};

// One folder for all of it: what is found from where a file is, the sandbox say, is two folders up in the sources too.
await build({
  ...common,
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist/cli',
  platform: 'node',
  format: 'esm',
  splitting: true,
  external: ['@kubernetes/client-node', 'isolated-vm'],
  plugins: [requiredBuiltins, librarysOwn, definitions],
  banner: {
    js: `const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);`,
  },
});
chmodSync('dist/cli/main.js', 0o755);

await build({
  ...common,
  entryPoints: ['src/runtime/sandbox/main.ts'],
  outfile: `${SANDBOX}/main.cjs`,
  platform: 'node',
  format: 'cjs',
});

// Inside the isolate there is no module loader: each bundle is one expression, worth what its entry assigns to `bundle`. The
// inspector's library wants all of ECMAScript and `URL` to be there; it gets empty stand-ins for what is not.
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
    ...(name === 'inspector' ? { define: { globalThis: 'allGlobals', URL: 'allGlobals.URL' } } : {}),
    banner: { js: '(function(allGlobals){"use strict";var bundle;' },
    footer: { js: `return bundle})(${name === 'inspector' ? withheld : ''})` },
  });
}
