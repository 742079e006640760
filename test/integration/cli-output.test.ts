/** What the commands do where nobody reads their output, where it cannot be written, and where programs read it. */
import { spawn } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { CLI, copepod, execution, Workspace } from './support/cli.ts';

const SCHEDULE = JSON.stringify({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptSchedule',
  metadata: { name: 's' },
  spec: { schedule: '* * * * *', executionTemplate: { spec: { source: '1' } } },
});

const FILES = {
  'a.js': 'console.log("hello"); 1',
  's.yaml': SCHEDULE,
  'a.test.js': `import { test } from 'copepod/test';\ntest('a', () => {});\n`,
  'loud.mjs': 'console.log("loaded");\nexport async function price() { console.log("called"); return 3; }\n',
  'price.js': 'await price()',
};

const COMMANDS: readonly (readonly string[])[] = [
  ['run', 'a.js'],
  ['run', 'a.js', '-o', 'json'],
  ['run', 'a.js', '-o', 'yaml'],
  ['validate', 'a.js'],
  ['validate', 'a.js', '-o', 'json'],
  ['test'],
  ['test', '-o', 'tap'],
  ['build', 'a.js'],
  ['types'],
  ['schedule', 's.yaml', '--count', '9999'],
  ['schedule', 's.yaml', '--count', '9999', '-o', 'json'],
  ['init', 'project'],
  ['completion', 'bash'],
  ['version'],
  ['--help'],
  ['run', '--help'],
];

interface End {
  readonly code: string;
  readonly stderr: string;
}

/** Runs a command with a redirection of the shell. */
async function redirected(args: readonly string[], redirection: string): Promise<End> {
  using files = new Workspace(FILES);
  const script = `{ "$@"; echo "code $?" >&2; } ${redirection}`;
  const shell = spawn('bash', ['-c', script, 'bash', process.execPath, CLI, ...args], {
    cwd: files.path,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  shell.stderr.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  await new Promise((resolve) => shell.on('close', resolve));
  const [, stderr = '', code = ''] = /^([\s\S]*)code (\d+)\n$/.exec(text) ?? [];
  return { code, stderr };
}

describe('a reader that has closed standard output', () => {
  test.each(COMMANDS)('ends %s %s %s with 130, and nothing is said of it', async (...args) => {
    // The first reader of a pipe that has ended: each write fails.
    const { code, stderr } = await redirected(args.filter(Boolean), '> >(exec 0<&-)');
    expect(stderr).not.toMatch(/EPIPE|node:|bug/);
    // What fits into the pipe before its reader is gone has been written.
    expect(['0', '130']).toContain(code);
  });

  test('a long output is cut, and the code says so', async () => {
    const { code, stderr } = await redirected(['schedule', 's.yaml', '--count', '9999'], '| head -1');
    expect({ code, stderr }).toEqual({ code: '130', stderr: '' });
  });
});

describe('standard output that cannot be written', () => {
  test.each(COMMANDS)('ends %s %s %s with 1 and the reason', async (...args) => {
    const { code, stderr } = await redirected(args.filter(Boolean), '> /dev/full');
    expect(stderr).toMatch(/^copepod: standard output: no space left on device$/m);
    expect(stderr).not.toMatch(/node:|bug/);
    expect(code).toBe('1');
  });
});

test('standard error that cannot be written changes nothing', async () => {
  using files = new Workspace(FILES);
  const script = '"$@" 2> /dev/full; echo "code $?"';
  const shell = spawn('bash', ['-c', script, 'bash', process.execPath, CLI, 'run', 'a.js'], { cwd: files.path });
  let text = '';
  shell.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  await new Promise((resolve) => shell.on('close', resolve));
  expect(text).toMatch(/^a +True +Completed[\s\S]*\ncode 0\n$/m);
});

describe('what a module of host functions prints', () => {
  test.each([['run', 'price.js', '-o', 'json'], ['run', 'price.js', '-o', 'yaml'], ['types']])(
    'is on standard error: %s %s %s %s',
    async (...args) => {
      using files = new Workspace(FILES);
      const given = [...args.filter(Boolean), '--host-functions', 'loud.mjs'];
      const { code, stdout, stderr } = await copepod(given, { cwd: files.path });
      expect(code).toBe(0);
      expect(stderr).toContain('loaded');
      expect(stdout).not.toMatch(/^(loaded|called)$/m);
      if (args.includes('json')) expect(JSON.parse(stdout)).toMatchObject({ items: [{ status: { result: 3 } }] });
    },
  );
});

describe('JSON is all that stands on standard output', () => {
  test.each<[string, string[], string]>([
    ['a failed execution', ['run', 'bad.js', '-o', 'json'], 'throw new Error("\\u2028")'],
    ['a script that logs', ['run', 'bad.js', '-o', 'json'], 'console.log("{"); console.error("}"); 1'],
    ['a script that does not compile', ['run', 'bad.js', '-o', 'json'], 'let'],
    ['a problem', ['validate', 'bad.js', '-o', 'json'], 'let let'],
    ['a warning', ['validate', 'big.yaml', '-o', 'json'], '1'],
    ['what is skipped', ['validate', 'bad.js', 'other.yaml', '-o', 'json'], '1'],
  ])('%s', async (_, args, script) => {
    using files = new Workspace({
      'bad.js': script,
      'big.yaml': execution('big', { source: '1', params: { id: 0 } }).replace('"id":0', '"id":1909198862420847982'),
      'other.yaml': '{apiVersion: v1, kind: Namespace, metadata: {name: a}}',
    });
    const { stdout } = await copepod(args, { cwd: files.path });
    expect(JSON.parse(stdout)).toBeInstanceOf(Object);
  });
});

test('there are no colours where the output is no terminal', async () => {
  using files = new Workspace(FILES);
  for (const args of [
    ['run', 'a.js'],
    ['validate', 'a.js'],
    ['schedule', 's.yaml'],
    ['test'],
    ['--help'],
    ['run', ''],
  ]) {
    const { stdout, stderr } = await copepod(args, { cwd: files.path });
    expect(stdout + stderr).not.toContain('\u001b');
  }
});
