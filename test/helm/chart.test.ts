import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from '../e2e/support/images.ts';
import { kubectl, kubectlJson } from '../e2e/support/kubectl.ts';
import { useNamespace } from '../e2e/support/namespace.ts';
import { type ExecutionSpec, execution, reasonOf } from '../e2e/support/objects.ts';
import { commandsOf, runAll } from './commands.ts';

interface Definition {
  readonly spec: { readonly versions: { additionalPrinterColumns: { name: string }[] }[] };
}

const CHART = fileURLToPath(new URL('../../charts/copepod', import.meta.url));
const SYSTEM = ['--namespace', 'copepod-system'];
const DEFINITION = 'scriptexecutions.copepod.dev';
/** Sleeps longer than an upgrade and a rollback together. */
const RUNNING: ExecutionSpec = { source: 'await clock.sleep(25_000); "once"' };

const directory = mkdtempSync(join(tmpdir(), 'copepod-chart-'));
const older = join(directory, 'copepod');
const namespace = useNamespace('chart');

/** The chart as an earlier version of it: one replica, and definitions without a column. */
beforeAll(async () => {
  cpSync(CHART, older, { recursive: true });
  edit('Chart.yaml', (text) => text.replace(/^version: .*$/m, 'version: 0.0.1'));
  edit('values.yaml', (text) => text.replace('replicas: 2', 'replicas: 1'));
  edit(`files/crds/${DEFINITION}.yaml`, (text) => {
    const definition = parse(text) as Definition;
    for (const version of definition.spec.versions) version.additionalPrinterColumns.pop();
    return stringify(definition);
  });
  await namespace.runtime({ image: HOST_FUNCTIONS_IMAGE, pool: { size: 2 } });
  await namespace.apply([execution('before', { source: '1 + 1' })]);
  await namespace.ended(['before']);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function edit(file: string, change: (text: string) => string): void {
  const path = join(older, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

const columns = async (): Promise<number> =>
  (await kubectlJson<Definition>(['get', 'crd', DEFINITION])).spec.versions[0]?.additionalPrinterColumns.length ?? 0;

async function operator(): Promise<{ replicas: number; ready: number; args: string[] }> {
  const { spec, status } = await kubectlJson<{
    spec: { replicas: number; template: { spec: { containers: { args: string[] }[] } } };
    status: { readyReplicas?: number };
  }>([...SYSTEM, 'get', 'deployment', 'copepod-operator']);
  const { args = [] } = spec.template.spec.containers[0] ?? {};
  return { replicas: spec.replicas, ready: status.readyReplicas ?? 0, args };
}

/** An execution that was started before still runs, or has ended, in its first attempt. */
async function expectFirstAttempt(name: string): Promise<ScriptExecution> {
  const found = await namespace.get<ScriptExecution>('scriptexecution', name);
  expect(found.status).toMatchObject({ run: 1, attempts: 1 });
  expect(['Running', 'Completed']).toContain(reasonOf(found));
  return found;
}

async function expectRuns(name: string): Promise<void> {
  await namespace.apply([execution(name, { source: '2 * 21' })]);
  const ended = await namespace.ended([name]);
  expect(ended[name]?.status).toMatchObject({ attempts: 1, result: 42 });
}

let full: number;

describe('the commands of docs/install.md', () => {
  test('the chart takes over what make deploy has installed', async () => {
    full = await columns();
    const [command = ''] = commandsOf('### From kustomize to Helm');
    // The earlier version, with a setting of the user's.
    await runAll([`${command.replace('charts/copepod', older)} --set operator.logLevel=debug`]);
    expect(await operator()).toEqual({ replicas: 1, ready: 1, args: ['operator', '--log-level=debug'] });
    expect(await columns()).toBe(full - 1);
    await expectRuns('after-takeover');
  });

  test('an upgrade brings new definitions and keeps settings, and what runs goes on', async () => {
    await namespace.apply([execution('running', RUNNING)]);
    await namespace.says('running', 'Running');
    await runAll(commandsOf('### Upgrade'));
    await expectFirstAttempt('running');
    expect(await columns()).toBe(full);
    expect(await operator()).toEqual({ replicas: 2, ready: 2, args: ['operator', '--log-level=debug'] });
    await expectRuns('after-upgrade');
  });

  test('a rollback brings the earlier version, and what runs goes on', async () => {
    const printed = await runAll(commandsOf('### Rollback'));
    expect(printed).toMatch(/copepod-0\.0\.1/);
    expect(await operator()).toMatchObject({ replicas: 1, ready: 1 });
    await expectFirstAttempt('running');
    await expectRuns('after-rollback');
  });

  test('the execution that ran meanwhile finished in its only attempt', async () => {
    await namespace.ended(['running'], { withinMs: 60_000 });
    const found = await expectFirstAttempt('running');
    expect(found.status.result).toBe('once');
  });

  test('an uninstall leaves definitions, objects and the pods of runtimes', async () => {
    await runAll(commandsOf('### Uninstall').slice(0, 1));
    expect(await kubectl([...SYSTEM, 'get', 'deployments', '--output', 'name'])).toBe('');
    expect(reasonOf(await namespace.get<ScriptExecution>('scriptexecution', 'before'))).toBe('Completed');
    const pods = await namespace.kubectl('get', 'pods', '--field-selector', 'status.phase=Running', '--output', 'name');
    expect(pods.trim().split('\n').length).toBeGreaterThan(0);
    await kubectl(['delete', 'namespace', 'copepod-system', '--timeout=60s']);
  });

  test('an installation continues with what is there, and runs the first scripts', async () => {
    const table = await runAll(commandsOf('## With Helm'));
    expect(table).toMatch(/scriptexecution\S+\/hello +default +True +Completed/);
    await expectRuns('after-installation');
    expect((await namespace.get<ScriptExecution>('scriptexecution', 'before')).status.attempts).toBe(1);
  });

  test('what deletes everything leaves nothing', async () => {
    await kubectl(['delete', 'namespace', 'shop', '--wait=false']);
    await runAll(commandsOf('### Uninstall'));
    expect(await kubectl(['get', 'crd', '--output', 'name'])).not.toContain('copepod.dev');
  });
});
