import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, unreadable } from '../../api/usage-error.ts';

const TEST = /\.test\.m?[jt]s$/;

/** Files of tests: those named, and of directories all `*.test.ts`, `.mts`, `.js` and `.mjs`, in the order of names. */
export async function findTests(names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names.length === 0 ? ['.'] : names) {
    const stats = await stat(name).catch((error: unknown) => {
      throw unreadable(name, error);
    });
    if (stats.isDirectory()) found.push(...(await walk(name)));
    else if (stats.isFile() && TEST.test(name)) found.push(name);
    else throw new UsageError(`${name}: is no file of tests`, 'one ends in .test.ts, .test.mts, .test.js or .test.mjs');
  }
  if (found.length === 0) throw new UsageError('no tests', 'write some in files that end in .test.ts');
  return [...new Set(found)];
}

async function walk(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(path)));
    else if (entry.isFile() && TEST.test(entry.name)) found.push(path);
  }
  return found;
}
