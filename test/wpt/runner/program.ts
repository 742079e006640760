import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { before, results } from './around.ts';
import type { TestFile } from './test-file.ts';

const HARNESS = 'resources/testharness.js';

/**
 * A script that runs a test file with one of its variants and is worth its results. It is the same for each place that it runs in.
 * @param timeoutMs tests that have not ended by then count as failed
 * @throws Error where the checkout lacks a file
 */
export function programOf(checkout: string, file: TestFile, variant: string, timeoutMs: number): string {
  const read = (path: string): string => readFileSync(join(checkout, path), 'utf8');
  const scripts = file.scripts.map(read);
  const data = dataOf(checkout, file.path, [file.text, ...scripts]);
  return [
    `(${before})(${JSON.stringify(variant)}, ${JSON.stringify(data)});`,
    read(HARNESS),
    `const resultsOfFile = (${results})(${timeoutMs});`,
    ...scripts,
    // An error at the file's own level leaves what has run before it.
    `try {\n${file.text}\n} catch (error) { test(() => { throw error; }, '(the rest of the file)'); }`,
    'resultsOfFile;',
    '',
  ].join('\n;');
}

/** Files that the texts may load with `fetch`, by the address that they use. */
function dataOf(checkout: string, path: string, texts: readonly string[]): Record<string, string> {
  const data: Record<string, string> = {};
  const add = (address: string, file: string): void => {
    if (existsSync(join(checkout, file))) data[address] = readFileSync(join(checkout, file), 'utf8');
  };
  for (const text of texts) {
    for (const [, address = ''] of text.matchAll(/["'`](\/?[\w./-]+\.json)["'`]/g))
      add(address, address.startsWith('/') ? address.slice(1) : posix.join(dirname(path), address));
    if (/\bidl_test\(/.test(text)) {
      for (const [, name] of text.matchAll(/["']([\w-]+)["']/g))
        add(`/interfaces/${name}.idl`, `interfaces/${name}.idl`);
    }
  }
  return data;
}
