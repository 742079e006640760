/**
 * Builds the plugin of kubectl for Krew: one file without dependencies, in an archive, and the manifest that names it.
 *
 *   node scripts/krew.ts --base-url URL --homepage URL [--out DIRECTORY]
 *
 * The archive's URL is `URL/kubectl-copepod-vVERSION.tar.gz`. An archive of the same files is the same, byte for byte.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { stringify } from 'yaml';
import { packageVersion } from '../src/cli/package-version.ts';
import { buildPage } from './build-page.ts';
import { definitions } from './definitions-plugin.ts';
import { KREW_BIN, krewManifest } from './krew-manifest.ts';

const { values } = parseArgs({
  options: {
    'base-url': { type: 'string' },
    homepage: { type: 'string' },
    out: { type: 'string', default: 'dist-krew' },
  },
});
const { 'base-url': baseUrl, homepage, out } = values;
if (baseUrl === undefined || homepage === undefined) {
  process.stderr.write('usage: node scripts/krew.ts --base-url URL --homepage URL [--out DIRECTORY]\n');
  process.exit(2);
}

/** Scripts run on this machine in sandboxes, which an archive for all platforms cannot have. */
const withoutEngine: Plugin = {
  name: 'without engine',
  setup({ onLoad }) {
    const stub = (name: string): string => `
      import { UsageError } from '../../../api/usage-error.ts';
      export const ${name} = () => { throw new UsageError('this build of the plugin has no sandboxes', 'npm install --global copepod brings kubectl-copepod with them'); };`;
    onLoad({ filter: /\/kubectl\/debug\/command\.ts$/ }, () => ({ contents: stub('debugCommand'), loader: 'ts' }));
    onLoad({ filter: /\/cli\/commands\/version\.ts$/ }, () => ({
      contents: `
        import { packageVersion } from '../package-version.ts';
        export const addVersion = (program) => program.command('version').description('show the version')
          .action(() => { process.stdout.write('copepod ' + packageVersion() + '\\n'); });`,
    }));
  },
};

const version = packageVersion();
const root = mkdtempSync(join(tmpdir(), 'copepod-krew-'));
try {
  await build({
    entryPoints: ['src/cli/kubectl/main.ts'],
    outfile: join(root, KREW_BIN),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    logLevel: 'warning',
    legalComments: 'inline',
    external: ['esbuild', 'isolated-vm'],
    plugins: [withoutEngine, definitions],
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
    },
  });
  chmodSync(join(root, KREW_BIN), 0o755);
  await buildPage(join(root, 'dist/dashboard'));
  copyFileSync('LICENSE', join(root, 'LICENSE'));
  writeFileSync(join(root, 'package.json'), `${JSON.stringify({ name: 'copepod', version, type: 'module' })}\n`);
  mkdirSync(out, { recursive: true });
  const name = `kubectl-copepod-v${version}.tar.gz`;
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=go-w'];
  const tar = execFileSync('tar', ['-C', root, ...same, '-c', 'LICENSE', 'dist', 'package.json'], {
    maxBuffer: 2 ** 28,
  });
  // Without the time and the name that gzip would write.
  const archive = execFileSync('gzip', ['-9n'], { input: tar, maxBuffer: 2 ** 28 });
  writeFileSync(join(out, name), archive);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const uri = `${baseUrl.replace(/\/+$/, '')}/${name}`;
  writeFileSync(
    join(out, 'copepod.yaml'),
    stringify(krewManifest({ version, uri, sha256, homepage }), { lineWidth: 0 }),
  );
  process.stdout.write(
    `${join(out, 'copepod.yaml')}\n${join(out, name)} (${readFileSync(join(out, name)).length} bytes)\n`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
