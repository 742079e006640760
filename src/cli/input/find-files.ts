import type { Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError, unreadable } from '../../api/usage-error.ts';

/** A file to read. */
export interface InputFile {
  /** As the user would write it; `-` for standard input. */
  readonly path: string;
  readonly kind: 'manifest' | 'script';
  /** It is a symbolic link: what it leads to need not be a script, and is nothing to show. */
  readonly linked: boolean;
}

/** Where a walk of directories ends up. */
export interface FoundFiles {
  readonly files: readonly InputFile[];
  /** Directories that were passed over: what kustomize makes of them is run, and not what they hold. */
  readonly unrendered: readonly string[];
}

const MANIFEST = /\.(ya?ml|json)$/i;
const SCRIPT = /\.(m?js|m?ts)$/i;
const KUSTOMIZATION = /^(kustomization\.ya?ml|Kustomization)$/;

/**
 * Finds the files that FILE, DIR and - name: manifests and scripts by name, and of directories the manifests.
 *
 * @throws UsageError where one is not there, or is no file to run
 */
export async function findFiles(names: readonly string[]): Promise<FoundFiles> {
  if (names.length === 0) {
    throw new UsageError('nothing to read', 'name a file, a directory, or - for standard input');
  }
  const files: InputFile[] = [];
  const unrendered: string[] = [];
  for (const name of names) {
    if (name === '-') files.push({ path: '-', kind: 'manifest', linked: false });
    else if ((await statOf(name)).isDirectory()) {
      const found = await walk(name, unrendered);
      if (unrendered.includes(name)) {
        const hint = `run what kustomize makes of it: kubectl kustomize ${name} | copepod run -`;
        throw new UsageError(`${name}: a directory for kustomize: its files are no manifests yet`, hint);
      }
      if (found.length === 0) throw new UsageError(`${name}: no manifests (.yaml, .yml, .json) in this directory`);
      files.push(...found.map((path): InputFile => ({ path, kind: 'manifest', linked: false })));
    } else files.push({ path: name, kind: kindOf(name), linked: (await lstat(name)).isSymbolicLink() });
  }
  const seen = new Set<string>();
  return { files: files.filter(({ path }) => isFirst(path === '-' ? path : resolve(path), seen)), unrendered };
}

/** Whether a directory's walk takes a file of this name. */
export function isManifest(name: string): boolean {
  return MANIFEST.test(name);
}

function kindOf(path: string): InputFile['kind'] {
  if (SCRIPT.test(path)) return 'script';
  if (MANIFEST.test(path)) return 'manifest';
  const hint = 'a manifest ends in .yaml, .yml or .json, a script in .js, .mjs, .ts or .mts';
  throw new UsageError(`${path}: neither a manifest nor a script`, hint);
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * Manifests of a directory and those below, in the order of names. Hidden ones and installed packages are no input, nor is
 * what kustomize reads: patches, and names that it has yet to make.
 */
async function walk(directory: string, unrendered: string[]): Promise<string[]> {
  const found: string[] = [];
  const entries = await entriesOf(directory);
  if (entries.some(({ name }) => KUSTOMIZATION.test(name))) {
    unrendered.push(directory);
    return found;
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(directory, entry.name);
    const target = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    // A link to a directory may lead back to where it is.
    if (entry.isDirectory()) found.push(...(await walk(path, unrendered)));
    else if (target?.isFile() && isManifest(entry.name)) found.push(path);
  }
  return found;
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw unreadable(directory, error);
  }
}

function isFirst(key: string, seen: Set<string>): boolean {
  const first = !seen.has(key);
  seen.add(key);
  return first;
}
