import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const TIMEOUT_MS = 300_000;
const FILES = ['package.json', 'package-lock.json', '.npmrc'];

/**
 * Installs the packages of this folder's lock file outside the checkout, and runs none of their scripts. A folder appears by one
 * rename, so an installation that was stopped leaves nothing half-made.
 * @returns the path of node_modules
 */
export function installLibraries(): string {
  const cache = process.env.COPEPOD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'copepod');
  const lock = readFileSync(join(import.meta.dirname, 'package-lock.json'));
  const folder = join(cache, `libraries-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const partial = mkdtempSync(join(cache, '.partial-'));
    try {
      for (const name of FILES) copyFileSync(join(import.meta.dirname, name), join(partial, name));
      execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel=error'], {
        cwd: partial,
        stdio: ['ignore', 'ignore', 'inherit'],
        timeout: TIMEOUT_MS,
      });
      moveTo(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules');
}

function moveTo(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(to)) throw error;
  }
}
