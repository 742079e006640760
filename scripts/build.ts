/** Builds dist/: the library and the CLI by tsc, the sandbox process and what runs inside the isolate by esbuild. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const SANDBOX = 'dist/sandbox';

rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });

const common = { bundle: true, logLevel: 'warning', legalComments: 'none', target: 'node24' } as const;
await build({
  ...common,
  entryPoints: ['src/runtime/child/main.ts'],
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
try {
  chmodSync('dist/cli/main.js', 0o755);
} catch {
  // the library alone
}
