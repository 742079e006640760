import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Milliseconds for all packages together. */
const TIMEOUT_MS = 300_000;

const cache = join(
  process.env.COPEPOD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'copepod'),
  'packages',
);

/**
 * Makes sure that npm packages are there, by name and exact version, without their dependencies: what they publish, and
 * nothing of it is run. They are kept outside the checkout. A package appears by one rename, so a download that was stopped
 * leaves nothing half-made.
 */
export function downloadPackages(packages: readonly string[]): void {
  const missing = [...new Set(packages)].filter((name) => !existsSync(folderOf(name)));
  if (missing.length === 0) return;
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, '.partial-'));
  try {
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', ...missing], {
      cwd: partial,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: TIMEOUT_MS,
    });
    for (const archive of readdirSync(partial)) unpack(partial, archive);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const absent = missing.filter((name) => !existsSync(folderOf(name)));
  if (absent.length > 0) throw new Error(`npm pack did not bring ${absent.join(', ')}`);
}

/** A file of a downloaded package. */
export const fileOfPackage = (name: string, file: string): string => readFileSync(join(folderOf(name), file), 'utf8');

const folderOf = (name: string): string => join(cache, name.replaceAll('/', '+'));

function unpack(directory: string, archive: string): void {
  const unpacked = mkdtempSync(join(directory, 'unpacked-'));
  execFileSync('tar', ['-xzf', join(directory, archive), '-C', unpacked, '--strip-components=1'], { stdio: 'inherit' });
  const { name, version } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as Record<string, string>;
  try {
    renameSync(unpacked, folderOf(`${name}@${version}`));
  } catch (error) {
    if (!existsSync(folderOf(`${name}@${version}`))) throw error; // another test run was faster
  }
}
