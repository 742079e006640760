import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Program } from './types.ts';

/** Code of one V8 or compiler is nothing to another: their versions and flags are part of every key. */
const ENGINE = [
  process.versions.v8,
  process.execArgv.join(' '),
  (createRequire(import.meta.url)('oxc-transform/package.json') as { version: string }).version,
].join(' ');

/** A name for all that decides what a program compiles to. */
export function keyOf({ name, language, source, files, imports }: Omit<Program, 'key'>): string {
  const others = sorted(files).map(([other, text]) => [other, digestOf(text)]);
  const content = [ENGINE, language, name, digestOf(source), others, sorted(imports)];
  return hash('sha256', JSON.stringify(content), 'base64url');
}

/** As UTF-8, half a character is the same as any other half. */
const digestOf = (text: string): string =>
  text.isWellFormed()
    ? hash('sha256', text, 'base64url')
    : `${hash('sha256', Buffer.from(text, 'utf16le'), 'base64url')}-utf16`;

const sorted = (map: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
