import { type FSWatcher, watch } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '../../api/usage-error.ts';
import { EXIT } from '../exit-code.ts';
import { isManifest } from '../input/find-files.ts';
import { terminalStyle } from '../output/style.ts';
import type { Interrupt } from './interrupt.ts';
import type { RunCommandOptions } from './run-options.ts';

/** Editors save in several steps, which are one change. */
const SETTLE_MS = 100;

/**
 * Runs, and runs again whenever a file is saved, also one that a script imports, until interrupted. A run in progress is
 * then cancelled. Errors in files are reported, and watching continues.
 *
 * @param run runs once; calls `onImport` with the path of each file that a script imports
 */
export async function watchAndRun(
  names: readonly string[],
  options: RunCommandOptions,
  interrupt: Interrupt,
  run: (signal: AbortSignal, onImport: (path: string) => void) => Promise<number>,
): Promise<number> {
  const { bold, dim } = terminalStyle(process.stderr);
  const changes = new Changes();
  const optionFiles = [options.paramsFile, options.contextFile, options.hostFunctions].filter(
    (file) => file !== undefined,
  );
  const watchers = (await Promise.all([...names, ...optionFiles].map((name) => watchInput(name, changes)))).flat();
  interrupt.signal.addEventListener('abort', () => changes.note(''), { once: true });
  const imported = new Set<string>();
  const onImport = (path: string): void => {
    if (imported.has(path)) return;
    imported.add(path);
    // A folder that does not exist cannot be watched.
    void watchInput(path, changes).then(
      (more) => {
        watchers.push(...more);
        if (interrupt.signal.aborted) closeAll(watchers);
      },
      () => imported.delete(path),
    );
  };

  let why = names.join(' ');
  for (let number = 1; !interrupt.signal.aborted; number++) {
    const time = new Date().toLocaleTimeString('en-GB');
    process.stderr.write(`\n${bold(`── run ${number} · ${time} · ${why} `.padEnd(72, '─'))}\n\n`);
    const changed = changes.next();
    const superseded = new AbortController();
    const signal = AbortSignal.any([interrupt.signal, superseded.signal]);
    const running = guarded(() => run(signal, onImport));
    const early = await Promise.race([changed.then(() => true), running.then(() => false)]);
    if (early) superseded.abort();
    await running;
    if (interrupt.signal.aborted) break;
    if (!early) process.stderr.write(`\n${dim('watching for changes; Ctrl-C ends')}\n`);
    why = `${await changed} changed`;
  }
  closeAll(watchers);
  return EXIT.interrupted;
}

/** Closing one again does nothing. */
function closeAll(watchers: readonly FSWatcher[]): void {
  for (const watcher of watchers) watcher.close();
}

/** Reports an error in a file without ending the watch. */
async function guarded(run: () => Promise<number>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`copepod: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`);
  }
}

/**
 * Watches what a name stands for, and where it is a symbolic link, what that leads to: to change either is to change the
 * input. So with the links among the manifests of a directory.
 */
async function watchInput(name: string, changes: Changes): Promise<FSWatcher[]> {
  const target = await realpath(name).catch(() => resolve(name));
  const names = target === resolve(name) ? [name] : [name, relative('.', target)];
  const links = (await linksOf(name)).filter((link) => isManifest(link));
  const linked = await Promise.all(links.map((link) => watchInput(link, changes)));
  return [...(await Promise.all(names.map((each) => watchName(each, changes)))), ...linked.flat()];
}

/** The symbolic links below a directory; none of a file. */
async function linksOf(name: string): Promise<string[]> {
  const isDirectory = (await stat(name).catch(() => undefined))?.isDirectory() ?? false;
  if (!isDirectory) return [];
  const entries = await readdir(name, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isSymbolicLink()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Watches a directory, or the directory of a file: editors replace a file when they save it. */
async function watchName(name: string, changes: Changes): Promise<FSWatcher> {
  const isDirectory = (await stat(name).catch(() => undefined))?.isDirectory() ?? false;
  if (isDirectory) {
    return watch(resolve(name), { recursive: true }, (_, file) => {
      if (file !== null && isManifest(file)) changes.note(file);
    });
  }
  const wanted = basename(name);
  return watch(dirname(resolve(name)), (_, file) => {
    if (file === wanted) changes.note(name);
  });
}

/** File changes, with bursts merged into one. */
class Changes {
  #pending: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #notify: ((name: string) => void) | undefined;

  note(name: string): void {
    this.#pending ??= name;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#deliver(), name === '' ? 0 : SETTLE_MS);
  }

  /** The next change, including one since the last call. */
  next(): Promise<string> {
    return new Promise((resolve) => {
      this.#notify = resolve;
      if (this.#timer === undefined) this.#deliver();
    });
  }

  #deliver(): void {
    this.#timer = undefined;
    const name = this.#pending;
    if (name === undefined || this.#notify === undefined) return;
    this.#pending = undefined;
    this.#notify(name);
    this.#notify = undefined;
  }
}
