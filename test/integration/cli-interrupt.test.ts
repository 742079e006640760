import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { until } from '../support/until.ts';
import { Command, cpuMsOf, execution, ROOT, succeeded } from './support/cli.ts';

const RUNTIME = JSON.stringify({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptRuntime',
  metadata: { name: 'patient' },
  spec: { limits: { timeout: '60s', cpuTime: '60s' } },
});
const patient = (name: string, source: string, priority: number) =>
  execution(name, { source, priority, runtimeRef: { name: 'patient' } });
const INPUT = [
  RUNTIME,
  patient('done', '"done"', 3),
  patient('endless', 'for (;;);', 2),
  patient('waiting', '"never"', 1),
].join('\n');

/** Starts a run with one execution at a time, and waits until the endless one is running. */
async function started(...options: string[]): Promise<Command> {
  const command = new Command(['run', '-', '--concurrency', '1', ...options], { input: INPUT });
  // More CPU time than a start takes: the sandbox is in its loop.
  const isLooping = () => command.processes().some((pid) => pid !== command.pid && cpuMsOf(pid) > 300);
  await until('a sandbox in its loop', isLooping);
  return command;
}

describe('an interrupt', () => {
  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    '%s cancels running executions, prints the results, and exits with 130',
    async (signal) => {
      const command = await started('-o', 'json');
      if (signal === 'SIGINT') command.signalGroup(signal);
      else command.child.kill(signal);
      const { code, stdout } = await command.ended;
      const { items } = JSON.parse(stdout) as { items: ScriptExecution[] };
      expect(code).toBe(130);
      expect(items.map((item) => [item.metadata.name, succeeded(item)?.reason])).toEqual([
        ['done', 'Completed'],
        ['endless', 'Cancelled'],
        ['waiting', 'Pending'],
      ]);
      await until('no process left', () => command.processes().length === 0);
    },
  );

  test("is part of the table's summary", async () => {
    const command = await started();
    command.signalGroup('SIGINT');
    const { code, stdout } = await command.ended;
    expect(stdout).toMatch(/^endless +False +Cancelled/m);
    expect(stdout).toContain('1 succeeded, 1 cancelled, 1 not started');
    expect(code).toBe(130);
  });

  test('leaves no process when the command is killed', async () => {
    const command = await started();
    command.child.kill('SIGKILL');
    await command.ended;
    await until('no process left', () => command.processes().length === 0);
  });

  test('also happens silently when the reader of standard output exits', async () => {
    const cli = join(ROOT, 'dist/cli/main.js');
    const script = `"$0" "$1" run - --concurrency 1 | head -1; echo "\${PIPESTATUS[0]}"`;
    const shell = spawn('bash', ['-c', script, process.execPath, cli], { stdio: ['pipe', 'pipe', 'pipe'] });
    shell.stdin.end(INPUT);
    let [stdout, stderr] = ['', ''];
    shell.stdout.on('data', (chunk) => (stdout += chunk));
    shell.stderr.on('data', (chunk) => (stderr += chunk));
    await new Promise((resolve) => shell.on('close', resolve));
    expect(stdout).toMatch(/^NAME.*\n130\n$/);
    expect(stderr).toBe('');
  });
});
