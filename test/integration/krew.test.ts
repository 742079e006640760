import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT, Workspace } from './support/cli.ts';

// Each test starts several processes, on a machine whose cores may be busy.
jest.setTimeout(180_000);

const files = new Workspace();
const version = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version as string;
const archive = `kubectl-copepod-v${version}.tar.gz`;
const env = { ...process.env, NODE_OPTIONS: '' };

interface Platform {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly uri: string;
  readonly sha256: string;
  readonly files: readonly { readonly from: string; readonly to: string }[];
  readonly bin: string;
}

/** As docs/kubectl.md says. */
function krew(out: string): void {
  const where = ['--base-url', 'https://example.com/v1/', '--homepage', 'https://example.com', '--out', out];
  execFileSync(process.execPath, ['scripts/krew.ts', ...where], { cwd: ROOT, env });
}

beforeAll(() => krew(join(files.path, 'out')), 180_000);
afterAll(() => files[Symbol.dispose]());

const manifest = () => parse(readFileSync(join(files.path, 'out/copepod.yaml'), 'utf8'));

describe("the plugin's manifest for Krew", () => {
  test('has what Krew demands of a plugin', () => {
    const { apiVersion, kind, metadata, spec, ...rest } = manifest();
    expect({ apiVersion, kind, rest }).toEqual({
      apiVersion: 'krew.googlecontainer.tools/v1alpha2',
      kind: 'Plugin',
      rest: {},
    });
    // The rules of Krew's validation: a name as in the index, a semantic version with a v, texts in the terminal's width.
    expect(metadata.name).toMatch(/^[a-z0-9-]+$/);
    expect(spec.version).toBe(`v${version}`);
    expect(spec.version).toMatch(/^v\d+\.\d+\.\d+/);
    expect(spec.homepage).toMatch(/^https:/);
    expect(spec.shortDescription.length).toBeLessThanOrEqual(60);
    expect(spec.shortDescription).not.toMatch(/kubectl|\.$/i);
    const lines = `${spec.description}\n${spec.caveats}`.split('\n') as string[];
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(Object.keys(spec).sort()).toEqual(
      ['caveats', 'description', 'homepage', 'platforms', 'shortDescription', 'version'].sort(),
    );
  });

  test('names an archive with the program, by its digest, for each platform', () => {
    const platforms = manifest().spec.platforms as Platform[];
    const sha256 = createHash('sha256')
      .update(readFileSync(join(files.path, 'out', archive)))
      .digest('hex');
    expect(platforms.map(({ selector }) => selector.matchLabels.os)).toEqual(['linux', 'darwin']);
    for (const platform of platforms) {
      expect(platform).toMatchObject({
        uri: `https://example.com/v1/${archive}`,
        sha256,
        files: [{ from: '*', to: '.' }],
      });
      const listed = execFileSync('tar', ['-tzf', join(files.path, 'out', archive)], { encoding: 'utf8' }).split('\n');
      expect(listed).toEqual(expect.arrayContaining([platform.bin, 'LICENSE', 'package.json']));
    }
  });
});

describe('the archive for Krew', () => {
  test('is the same each time it is built', () => {
    krew(join(files.path, 'again'));
    const [one, other] = ['out', 'again'].map((name) => readFileSync(join(files.path, name, archive)));
    expect(one?.equals(other as Buffer)).toBe(true);
  });

  test('runs without any package, and says what it lacks', () => {
    files.write('installed/.keep', '');
    execFileSync('tar', ['-C', join(files.path, 'installed'), '-xzf', join(files.path, 'out', archive)]);
    const bin = join(files.path, 'installed', manifest().spec.platforms[0].bin);
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
        cwd: files.path,
        encoding: 'utf8',
        env: { ...env, KUBECONFIG: '/no/such' },
      });
      return { status, text: stdout + stderr };
    };
    expect(run('--help')).toEqual({ status: 0, text: expect.stringContaining('Usage: kubectl copepod') });
    expect(run('version')).toEqual({ status: 0, text: `copepod ${version}\n` });
    expect(run('explain', 'x')).toEqual({ status: 2, text: expect.stringContaining('/no/such: no such file') });
    expect(run('debug', 'x')).toEqual({ status: 2, text: expect.stringContaining('npm install --global copepod') });
  });

  test('needs to be told where it will be', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/krew.ts'], { cwd: ROOT, encoding: 'utf8', env });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('--base-url') });
  });
});
