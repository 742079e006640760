import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { validateObject } from '../../src/api/validate.ts';
import { copepod, runItems, succeeded } from './support/cli.ts';

const HOST_FUNCTIONS = ['--host-functions', 'examples/host-functions/host-functions.mjs'];

/** Those of fetch and of tools need a server: cli-fetch.test.ts, tools/cli.test.ts. */
const PATHS = readdirSync('examples', { withFileTypes: true })
  .filter((entry) => !['fetch', 'tools'].includes(entry.name) && (entry.isDirectory() || entry.name.endsWith('.yaml')))
  .map(({ name }) => `examples/${name}`);

const items = await runItems([...PATHS, ...HOST_FUNCTIONS]);
const byName = items.map((item): [string, ScriptExecution] => [item.metadata.name, item]);

describe('the examples', () => {
  test('include at least fourteen successes, and one for each kind of failure', () => {
    const reasons = new Set(items.map((item) => succeeded(item)?.reason));
    expect(items.filter((item) => succeeded(item)?.status === 'True').length).toBeGreaterThanOrEqual(14);
    expect([...reasons].sort()).toEqual([
      'APICallsExceeded',
      'CPUTimeExceeded',
      'CompilationError',
      'Completed',
      'LimitsRefused',
      'MemoryExceeded',
      'ResultTooLarge',
      'RuntimeError',
      'TenantRefused',
      'TimeoutExceeded',
    ]);
  });

  test.each(byName)('%s finishes as its annotations say', (_, { metadata, status }) => {
    const expected = (what: string) => metadata.annotations?.[`copepod.dev/expected-${what}`];
    const reason = status.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
    expect(reason).toBe(expected('reason'));
    const [result, line, column] = ['result', 'line', 'column'].map(expected);
    if (result !== undefined) expect(status.result).toEqual(JSON.parse(result));
    if (line !== undefined) expect(status.error?.line).toBe(Number(line));
    if (column !== undefined) expect(status.error?.column).toBe(Number(column));
  });

  test.each(byName)('%s has a valid status', (_, item) => {
    const validated = validateObject('ScriptExecution', JSON.parse(JSON.stringify(item)), { status: true });
    expect(validated).toMatchObject({ ok: true });
  });

  test('are printed as a v1 List, equal in JSON and YAML', async () => {
    const { stdout } = await copepod(['run', 'examples/logs.yaml', 'examples/hello.yaml', '-o', 'yaml']);
    const list = parse(stdout) as { apiVersion: string; kind: string; items: ScriptExecution[] };
    expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' } });
    expect(list.items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ScriptExecution logs',
      'ScriptExecution hello',
    ]);
    expect(list.items[1]?.status.result).toBe('hello world from Acme');
  });
});
