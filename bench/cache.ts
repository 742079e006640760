// What contestants need beside the packages of this repository: kept in the user's cache, made once.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'copepod', 'bench');
const TIMEOUT_MS = 600_000;
const INSTALL = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];

export const packageDirectory = (name: string, version: string): string => join(CACHE, `${name}-${version}`);
export const buildDirectory = (commit: string): string => join(CACHE, `copepod-${commit}`);

/** Installs a package of the registry into the cache. @throws Error with npm's words if it cannot be installed */
export async function installPackage(name: string, version: string): Promise<void> {
  await make(packageDirectory(name, version), async (directory) => {
    writeFileSync(
      join(directory, 'package.json'),
      JSON.stringify({ private: true, dependencies: { [name]: version } }),
    );
    await run('npm', INSTALL, { cwd: directory, timeout: TIMEOUT_MS });
  });
}

/** Builds this repository as it was at a commit. @throws Error if git does not have it, or the build fails */
export async function buildCommit(commit: string): Promise<void> {
  await make(buildDirectory(commit), async (directory) => {
    const archive = join(directory, 'source.tar');
    await run('git', ['-C', ROOT, 'archive', '--output', archive, commit], { timeout: TIMEOUT_MS });
    await run('tar', ['-xf', archive, '-C', directory], { timeout: TIMEOUT_MS });
    rmSync(archive);
    await run('npm', INSTALL, { cwd: directory, timeout: TIMEOUT_MS });
    await run('npm', ['run', '--silent', 'build'], { cwd: directory, timeout: TIMEOUT_MS });
  });
}

/** Fills a directory beside its place and moves it there when it is whole: an interrupted attempt leaves nothing. */
async function make(directory: string, fill: (directory: string) => Promise<void>): Promise<void> {
  if (existsSync(directory)) return;
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  try {
    await fill(unfinished);
    renameSync(unfinished, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
