import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Given } from '../../../../src/cli/kubectl/debug/given.ts';
import { saveGiven } from '../../../../src/cli/kubectl/debug/save.ts';

const given = { execution: { kind: 'ScriptExecution' }, configMaps: [], secrets: [] } as unknown as Given;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-save-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('a file with Secrets can be read by this user alone, also where another one was there', async () => {
  const file = join(directory, 'execution.yaml');
  await saveGiven(directory, given, false);
  chmodSync(file, 0o644);
  await saveGiven(directory, given, true);
  expect(modeOf(file)).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain('kind: ScriptExecution');
});

test('a link to another file is replaced, not followed', async () => {
  const other = mkdtempSync(join(directory, 'other-'));
  await saveGiven(other, given, false);
  chmodSync(join(other, 'execution.yaml'), 0o644);
  symlinkSync(join(other, 'execution.yaml'), join(directory, 'execution.yaml'));
  await saveGiven(directory, given, true);
  expect(modeOf(join(other, 'execution.yaml'))).toBe(0o644);
  expect(modeOf(join(directory, 'execution.yaml'))).toBe(0o600);
});
