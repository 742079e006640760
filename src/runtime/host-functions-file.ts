import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkRegular } from '../api/regular-file.ts';
import { UsageError, unreadable } from '../api/usage-error.ts';
import type { HostBridge, HostFunction } from './host-bridge.ts';
import { HostFunctions } from './host-calls.ts';

export type Setup = (host: HostBridge) => void;

/**
 * Loads the module given by `--host-functions`.
 *
 * @returns the setup hook that exposes the module's functions
 * @throws UsageError if it cannot be loaded, exports no function, or exports one with an invalid name
 */
export async function loadHostFunctions(file: string): Promise<Setup> {
  const setup = setupOf(await loadModule(file));
  const probe = new HostFunctions();
  try {
    setup(probe);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  if (probe.names.length === 0) {
    throw new UsageError(`${file}: exports no functions`, 'write export async function lookup(call, ...args) { … }');
  }
  return setup;
}

/** What the module given by `--host-functions` exports. @throws UsageError if it cannot be loaded */
export async function loadModule(file: string): Promise<Record<string, unknown>> {
  const stats = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  checkRegular(file, stats);
  try {
    // Node caches modules by URL: a saved file needs another URL.
    return await import(`${pathToFileURL(resolve(file))}?saved=${stats.mtimeMs}`);
  } catch (error) {
    throw new UsageError(`${file}: does not load: ${error instanceof Error ? error.message : error}`);
  }
}

/** Exposes exported functions by name; a default export that is a function is called as the library's setup hook. */
export function setupOf(exports: Record<string, unknown>): Setup {
  const { default: main, ...named } = exports;
  const functions = [...collect(named, ''), ...collect(typeof main === 'object' ? main : {}, '')];
  return (host) => {
    if (typeof main === 'function') main(host);
    for (const [name, fn] of functions) host.expose(name, fn);
  };
}

function collect(value: unknown, prefix: string, seen: readonly unknown[] = []): [string, HostFunction][] {
  if (value === null || typeof value !== 'object' || seen.includes(value)) return [];
  return Object.entries(value).flatMap(([key, member]): [string, HostFunction][] => {
    if (typeof member !== 'function') return collect(member, `${prefix}${key}.`, [...seen, value]);
    // Bound, so that a method of an exported object has its `this`.
    return [[`${prefix}${key}`, (member as HostFunction).bind(value) as HostFunction]];
  });
}
