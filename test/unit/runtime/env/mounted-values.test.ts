import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ValueReference } from '../../../../src/api/env.ts';
import { MountedValues } from '../../../../src/runtime/env/mounted-values.ts';

const TOKEN: ValueReference = { kind: 'Secret', name: 'crm', key: 'token' };
const REGION: ValueReference = { kind: 'ConfigMap', name: 'site', key: 'region' };

let directory: string;
let nowMs: number;
let written: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-values-'));
  nowMs = 0;
  written = 0;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes values as the kubelet's AtomicWriter does: into a new directory, which a link is then swapped to. */
function write(files: Readonly<Record<string, string>>): void {
  const generation = `..2026_${written++}`;
  mkdirSync(join(directory, generation));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, generation, path)), { recursive: true });
    writeFileSync(join(directory, generation, path), text);
  }
  symlinkSync(generation, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  if (written > 1) rmSync(join(directory, `..2026_${written - 2}`), { recursive: true });
}

const mounted = () => new MountedValues(directory, [TOKEN, REGION], () => nowMs);

test('values are read as they are, each from its object', () => {
  write({ 'secrets/crm/token': 'ü\n', 'configmaps/site/region': 'eu' });
  const values = mounted().snapshot();
  expect([values.read(TOKEN), values.read(REGION)]).toEqual(['ü\n', 'eu']);
  expect(values.read({ ...TOKEN, kind: 'ConfigMap' })).toBeUndefined();
});

test('a value that is replaced is seen without a restart, and a snapshot stays as it is', () => {
  write({ 'secrets/crm/token': 'one' });
  const values = mounted();
  const before = values.snapshot();
  expect(values.snapshot()).toBe(before);
  write({ 'secrets/crm/token': 'two', 'configmaps/site/region': 'eu' });
  nowMs += 1000;
  const after = values.snapshot();
  expect(after).not.toBe(before);
  expect([before.read(TOKEN), before.read(REGION)]).toEqual(['one', undefined]);
  expect([after.read(TOKEN), after.read(REGION)]).toEqual(['two', 'eu']);
});

test('the mount is looked at at most twice a second', () => {
  write({ 'secrets/crm/token': 'one' });
  const values = mounted();
  expect(values.snapshot().read(TOKEN)).toBe('one');
  write({ 'secrets/crm/token': 'two' });
  nowMs += 499;
  expect(values.snapshot().read(TOKEN)).toBe('one');
  nowMs += 1;
  expect(values.snapshot().read(TOKEN)).toBe('two');
});

test('a value that is taken away is missing from then on', () => {
  write({ 'secrets/crm/token': 'one' });
  const values = mounted();
  expect(values.snapshot().read(TOKEN)).toBe('one');
  write({});
  nowMs += 1000;
  expect(values.snapshot().read(TOKEN)).toBeUndefined();
});

test('where nothing is mounted every value is missing', () => {
  expect(mounted().snapshot().read(TOKEN)).toBeUndefined();
  expect(new MountedValues('/nonexistent', [TOKEN]).snapshot().read(TOKEN)).toBeUndefined();
});
