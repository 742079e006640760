import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { runDigest } from '../../../src/api/digest.ts';
import type { JsonValue } from '../../../src/api/json.ts';
import { loadManifests } from '../../../src/api/manifest.ts';
import { validateObject } from '../../../src/api/validate.ts';
import { JSON_TOKENS, mutated, spoiled } from '../mutations.ts';
import { check, type Target } from '../target.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

const examples = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(join(EXAMPLES, file), 'utf8'));

const HEAD = 'apiVersion: copepod.dev/v1alpha1\nkind: ScriptExecution\nmetadata:\n  name: a\n';
const DENSE = [
  `${HEAD}spec: {source: '1', params: {a: &a {x: 1, y: [1, 2]}, b: {<<: *a, x: 2}, c: !!str 1}}\n`,
  `${HEAD}spec:\n  source: |2-\n      1\n\n  params: ? [a, b]\n  : {"\\u00e9": 0x1F, o: 0o17, f: .5e3, n: ~}\n`,
  `${HEAD}spec:\n  source: >+\n    1\n    2\n  context: {tenant: {id: t}}\n---\n# nothing\n...\n---\nkind: List\nitems: []\n`,
  '{"apiVersion":"copepod.dev/v1alpha1","kind":"ScriptRuntime","metadata":{"name":"r"},"spec":{"replicas":2}}{}',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {copepod.dev/source: "true"}}\ndata: {a.js: "1"}\n',
];

const TOKENS = [
  ...JSON_TOKENS,
  ...['---\n', '...\n', '%YAML 1.2\n', '- ', '? ', ': ', '&a ', '*a', '<<: *a', '<<: ', '!!str ', '!!binary ', '!x '],
  ...['|\n', '>-\n', '|9\n', '# ', "'", '\t', '\r', '\r\n', '\u0085', '\0', '\x1b', '  ', '\n  ', '\n- ', 'y', 'on'],
  ...['0x1F', '0o17', '.inf', '.nan', '1_000', '2026-01-01', '99999999999999999999', '\n', 'spec:', 'items:', 'List'],
];

const object = {
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptExecution',
  metadata: { name: 'a', namespace: 'b', labels: { a: 'b' }, annotations: {}, finalizers: [], ownerReferences: [{}] },
  spec: {
    runtimeRef: { name: 'r' },
    source: '1',
    params: { a: [1] },
    context: { tenant: { id: 't' }, user: { id: 'u', permissions: ['p'] }, execution: { type: 'cron' } },
    limits: { memory: '64Mi', timeout: '1s', apiCalls: 1 },
    backoffLimit: 1,
  },
};

/** Files of YAML and JSON, as the command line reads them. */
export const manifests: Target<string> = {
  name: 'manifests',
  title: 'manifests, as the command line reads and checks them',
  // A file is read as UTF-8: half a character can stand there as an escape alone.
  input: fc
    .oneof(
      { weight: 3, arbitrary: mutated(examples, TOKENS) },
      { weight: 3, arbitrary: mutated(DENSE, TOKENS) },
      { weight: 2, arbitrary: spoiled(object).map((value) => JSON.stringify(value) ?? '') },
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.constantFrom(...TOKENS), { maxLength: 200 }).map((tokens) => tokens.join('')),
    )
    .map((text) => text.toWellFormed()),
  run(text) {
    const { documents, problems, skipped } = loadManifests([{ file: 'fuzz.yaml', text }]);
    for (const { line, column, message } of problems) {
      check(line >= 1 && column >= 1, `a problem at ${line}:${column}`);
      check(message !== '' && !/stack size|is not a function|undefined/.test(message), `a problem says: ${message}`);
    }
    for (const { origin } of [...documents, ...skipped]) check(origin.position().line >= 1, 'an object has no place');
    // Where there are problems, nothing is run.
    for (const { object: found } of problems.length > 0 ? [] : documents) {
      if (found.kind === 'ConfigMap' || found.kind === 'Secret') continue;
      check(validateObject(found.kind, found as unknown as JsonValue).ok, 'an object that was good is no more');
      if (found.kind === 'ScriptExecution') check(/^v1:/.test(runDigest(found.spec)), 'an execution has no digest');
    }
  },
};
