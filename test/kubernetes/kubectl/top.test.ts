import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { eventually, until } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { gated } from '../operator/support/journal.ts';
import { Plugin } from './support/plugin.ts';

// Each command is a process that loads the Kubernetes client: seconds, on a busy machine.
jest.setTimeout(240_000);

let cluster: Cluster;
let plugin: Plugin;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 }, limits: { timeout: '10m' } });
  await cluster.startPod();
  plugin = new Plugin(cluster.namespace);
  await cluster.executions.create('long', { source: gated('long') });
  await cluster.executions.create('homeless', { source: '1', runtimeRef: { name: 'none' } });
  await cluster.executions.create('over', { source: '1' });
  await cluster.executions.reaches('over', 'Completed');
  await cluster.executions.reaches('long', 'Running');
  await cluster.executions.reaches('homeless', 'RuntimeNotFound');
}, 120_000);
afterAll(async () => {
  plugin?.[Symbol.dispose]();
  await cluster?.close();
});

describe('kubectl copepod top', () => {
  test('prints the tables once where the output is no terminal', async () => {
    await eventually(async () => {
      const { code, stdout } = await plugin.run(['top']);
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /^RUNTIME +PODS +BUSY +RUNNING +WAITING +TOTAL +FAILED +STATE\ndefault +\d\/\d +\d\/\d +1 +0 /,
      );
      expect(stdout).toMatch(
        /\nEXECUTION +.*\nlong +default .* Running .*\nhomeless +none .* RuntimeNotFound .*\nover +default .* Completed /,
      );
      expect(stdout).not.toContain('\u001b');
    });
  });

  test('prints the same as JSON', async () => {
    const { stdout } = await plugin.run(['top', '-o', 'json']);
    const { runtimes, executions } = JSON.parse(stdout);
    expect(runtimes).toEqual([expect.objectContaining({ name: 'default', running: 1 })]);
    expect(executions.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ['long', 'running'],
      ['homeless', 'waiting'],
      ['over', 'succeeded'],
    ]);
  });

  test('with -A names the namespaces', async () => {
    const { stdout } = await plugin.run(['top', '-A', '-n', 'default']);
    expect(stdout).toMatch(/^NAMESPACE +RUNTIME /);
    expect(stdout).toMatch(new RegExp(`^${cluster.namespace} +default `, 'm'));
  });

  test('is live on a terminal, and restores it at q', async () => {
    const terminal = spawn('script', ['-qec', `${process.execPath} ${plugin.path} top`, '/dev/null'], {
      env: { ...process.env, KUBECONFIG: plugin.kubeconfig, TERM: 'xterm', NODE_OPTIONS: '' },
      timeout: 200_000,
    });
    let text = '';
    terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const ended = new Promise<number | null>((resolve) => terminal.on('close', resolve));
    try {
      const shows = (what: RegExp): Promise<void> =>
        until(String(what), () => what.test(stripVTControlCharacters(text)), { why: () => text, withinMs: 60_000 });
      await shows(/long +default .* Running/);
      cluster.journal.open('long');
      await shows(/long +default .* Completed/);
      terminal.stdin.write('q');
      expect(await ended).toBe(0);
      expect(text).toContain('\u001b[?1049h');
      expect(text.trimEnd().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    } finally {
      terminal.kill('SIGKILL');
    }
  });
});
