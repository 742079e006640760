import type { Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError, unreadable } from '../../api/usage-error.ts';

/** A file to read. */
export interface InputFile {
  /** Path as the user would write it; `-` for standard input. */
  readonly path: string;
  readonly kind: 'manifest' | 'script';
  /** The file is a symbolic link: its target may not be a script, so its content must not be shown. */
  readonly linked: boolean;
}

/** The result of walking directories. */
export interface FoundFiles {
  readonly files: readonly InputFile[];
  /** Skipped kustomize directories: their rendered output can be run, not their files. */
  readonly unrendered: readonly string[];
}

const MANIFEST = /\.(ya?ml|json)$/i;
const SCRIPT = /\.(m?js|m?ts)$/i;
const KUSTOMIZATION = /^(kustomization\.ya?ml|Kustomization)$/;

/**
 * Finds the files given as FILE, DIR and -: manifests and scripts by name, and all manifests of directories.
 *
 * @throws UsageError if one does not exist or is not a file that can be run
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
        const hint = `run its rendered output: kubectl kustomize ${name} | copepod run -`;
        throw new UsageError(`${name}: a directory for kustomize: its files are not complete manifests`, hint);
      }
      if (found.length === 0) throw new UsageError(`${name}: no manifests (.yaml, .yml, .json) in this directory`);
      files.push(...found.map((path): InputFile => ({ path, kind: 'manifest', linked: false })));
    } else files.push({ path: name, kind: kindOf(name), linked: (await lstat(name)).isSymbolicLink() });
  }
  const seen = new Set<string>();
  return { files: files.filter(({ path }) => isFirst(path === '-' ? path : resolve(path), seen)), unrendered };
}

/** Whether a directory walk includes a file of this name. */
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
 * Manifests of a directory and its subdirectories, ordered by name. Hidden files, installed packages and kustomize
 * inputs (patches, incomplete objects) are skipped.
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
    // A link to a directory may form a cycle.
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
