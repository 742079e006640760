import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { Command, copepod, execution, Workspace } from './support/cli.ts';

const SECRET = 'root:hunter2:19000';

describe('only regular files and standard input are read', () => {
  const files = () => {
    const workspace = new Workspace({ 'a.js': '1' });
    for (const name of ['pipe.yaml', 'pipe.js', 'pipe.json']) execFileSync('mkfifo', [name], { cwd: workspace.path });
    symlinkSync('/dev/zero', join(workspace.path, 'zero.yaml'));
    symlinkSync('pipe.yaml', join(workspace.path, 'link.yaml'));
    return workspace;
  };

  test.each<[string, string[], RegExp]>([
    ['a manifest that is a FIFO', ['validate', 'pipe.yaml'], /pipe\.yaml: is a FIFO, not a regular file\n.*-/],
    ['a script that is a FIFO', ['run', 'pipe.js'], /pipe\.js: is a FIFO/],
    ['a link to a FIFO', ['run', 'link.yaml'], /link\.yaml: is a FIFO/],
    ['a device', ['validate', 'zero.yaml'], /zero\.yaml: is a character device/],
    ['params from a FIFO', ['run', 'a.js', '--params-file', 'pipe.json'], /pipe\.json: is a FIFO/],
    ['a context from a FIFO', ['run', 'a.js', '--context-file', 'pipe.json'], /pipe\.json: is a FIFO/],
    ['params from a directory', ['run', 'a.js', '--params-file', '.'], /\.: is a directory/],
    ['host functions from a FIFO', ['run', 'a.js', '--host-functions', 'pipe.js'], /pipe\.js: is a FIFO/],
  ])('%s is refused at once', async (_, args, message) => {
    using workspace = files();
    const { code, stderr } = await copepod(args, { cwd: workspace.path });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('a directory walk skips them', async () => {
    using workspace = files();
    workspace.write('b.yaml', execution('b', { source: '1' }));
    const { stdout } = await copepod(['validate', '.'], { cwd: workspace.path });
    expect(stdout).toBe('valid: 1 ScriptExecution in 1 file\n');
  });
});

describe('a symbolic link to a file that is not a manifest', () => {
  test.each([
    ['text', `${SECRET}\nnext:line:1\n`],
    ['a quoted string', `"${SECRET}"`],
    ['a list', `[${SECRET}]`],
    ['an alias', `*${SECRET}\n`],
    ['a tag', `!${SECRET} x\n`],
    ['text that is not YAML', `{ ${SECRET}: [\n`],
  ])('does not reveal its content: %s', async (_, text) => {
    using workspace = new Workspace({ secret: text, 'a.js': '1' });
    symlinkSync('secret', join(workspace.path, 'link.yaml'));
    for (const args of [
      ['validate', 'link.yaml'],
      ['run', 'a.js', '--context-file', 'link.yaml'],
    ]) {
      const { code, stdout, stderr } = await copepod(args, { cwd: workspace.path });
      expect(stdout + stderr).toContain('link.yaml');
      expect(stdout + stderr).not.toContain('hunter2');
      expect(code).toBe(2);
    }
  });

  test('does not reveal its content as a script', async () => {
    using workspace = new Workspace({ secret: `${SECRET} is no script\n` });
    symlinkSync('secret', join(workspace.path, 'link.js'));
    for (const command of ['validate', 'run']) {
      const { code, stdout, stderr } = await copepod([command, 'link.js'], { cwd: workspace.path });
      expect(stdout + stderr).toMatch(/link\.js:1:\d+/);
      expect(stdout + stderr).not.toContain('hunter2');
      expect(code).not.toBe(0);
    }
  });
});

describe('reading', () => {
  test.each([
    ['quotes', '"\\'],
    ['escaped quotes', '\\"'],
    ['braces', '{'],
    ['brackets', '{"a":['],
    ['quoted keys', '{"":'],
    ['a text of many words', '- a b\n'],
    ['question marks', '? '],
    ['anchors', '&a '],
    ['indented lines', ' \n'],
  ])('2 MB of %s is linear, quoted and plain', async (_, part) => {
    // A quadratic scan takes hours for this.
    const plain = part.repeat(Math.ceil(2 ** 21 / part.length));
    using files = new Workspace({ 'quoted.json': `{"a":"${plain}`, 'plain.yaml': plain });
    const command = new Command(['validate', 'quoted.json', 'plain.yaml'], { cwd: files.path });
    try {
      expect((await command.ended).code).toBe(2);
    } finally {
      command.child.kill('SIGKILL');
    }
  });

  test('is stopped by one Ctrl-C while standard input is open', async () => {
    const command = new Command(['run', '-'], { input: null });
    // It starts the zygote of its sandboxes before it reads.
    await until('a start', () => command.processes().length > 1);
    command.child.stdin?.write('{"a": "');
    const end = command.ended;
    command.signalGroup('SIGINT');
    const { stdout } = await end;
    expect(stdout).toBe('');
    expect([130, null]).toContain((await end).code);
  });
});
