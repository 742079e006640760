import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** A `.any.js` file of a checkout. */
export interface TestFile {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
  /** Paths of the scripts that come before it. */
  readonly scripts: readonly string[];
  /** Values of `location.search` that it runs with; one empty one where it names none. */
  readonly variants: readonly string[];
  /** In which it is to end; what has not ended by then counts as failed. */
  readonly timeoutMs: number;
  /** Why it cannot run outside a browser, where it cannot. */
  readonly skipped?: string;
}

const TIMEOUT_MS = 20_000;
/** Of files that say that they take long. */
export const LONG_TIMEOUT_MS = 60_000;

const META = /^\/\/ META: (\w+)=(.*)$/;

/** Routes of the test suite's server to files. */
const ROUTES: Readonly<Record<string, string>> = {
  'resources/WebIDLParser.js': 'resources/webidl2/lib/webidl2.js',
};

/** Scripts whose functions need the test suite's server. */
const OF_THE_SERVER = /(get-host-info\.sub|request-cache|send-file-formdata-helper|keepalive-helper|dispatcher)\.js$/;

/** Paths of the `.any.js` files below a folder, in order. */
export function filesBelow(checkout: string, path: string): string[] {
  const full = join(checkout, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  const names = readdirSync(full, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.any.js'))
    .map((name) => posix.join(path, name))
    .sort();
}

/** Reads a file and what it says of itself in comments at its start. */
export function readTestFile(checkout: string, path: string): TestFile {
  const file = parseTestFile(path, readFileSync(join(checkout, path), 'utf8'));
  const missing = file.scripts.find((script) => !existsSync(join(checkout, script)));
  return missing === undefined ? file : { skipped: `needs ${missing}, which the checkout lacks`, ...file };
}

/** @param path from the root of the checkout */
export function parseTestFile(path: string, text: string): TestFile {
  const all: Record<string, string[]> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = META.exec(line) ?? [];
    if (key !== undefined && value !== undefined) {
      all[key] ??= [];
      all[key].push(value.trim());
    }
  }
  const scripts = (all.script ?? []).map((script) => resolveScript(path, script));
  const skipped = whySkipped(path, scripts, all.global?.[0]);
  return {
    path,
    text,
    scripts,
    variants: all.variant ?? [''],
    timeoutMs: all.timeout?.includes('long') ? LONG_TIMEOUT_MS : TIMEOUT_MS,
    ...(skipped === undefined ? {} : { skipped }),
  };
}

function resolveScript(from: string, script: string): string {
  const path = script.startsWith('/') ? script.slice(1) : posix.join(dirname(from), script);
  return ROUTES[path] ?? path;
}

function whySkipped(path: string, scripts: readonly string[], globals: string | undefined): string | undefined {
  if (/\.(sub|h2)\./.test(path) || scripts.some((script) => OF_THE_SERVER.test(script)))
    return "needs the test suite's server";
  const realms = globals?.split(',') ?? ['window'];
  if (realms.every((realm) => realm.startsWith('shadowrealm'))) return 'is for a ShadowRealm';
  if (globals === 'window') return 'is for a page alone';
  return undefined;
}
