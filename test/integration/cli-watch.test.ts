import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { Command, Workspace } from './support/cli.ts';

describe('copepod run --watch', () => {
  let files: Workspace;
  let command: Command;

  function watch(initial: Record<string, string>, ...args: string[]): void {
    files = new Workspace(initial);
    command = new Command(['run', '--watch', ...args], { cwd: files.path });
  }

  afterEach(async () => {
    command.child.kill('SIGKILL');
    await command.ended;
    files[Symbol.dispose]();
  });

  test('runs again on each save, including invalid files, until Ctrl-C', async () => {
    watch({ 'a.js': '"one"' }, 'a.js');
    await command.waitFor(/a +True .*"one"/, /watching for changes/);
    files.write('a.js', 'export default {');
    await command.waitFor(/CompilationError/, /run 2 .* a\.js changed.*watching for changes/s);
    files.write('a.js', '');
    await command.waitFor(/the script is empty/);
    files.write('new.js', '"two"');
    renameSync(join(files.path, 'new.js'), join(files.path, 'a.js'));
    await command.waitFor(/a +True .*"two"/);
    command.signalGroup('SIGINT');
    expect((await command.ended).code).toBe(130);
    await until('no process left', () => command.processes().length === 0);
  });

  test('runs again when a file that the script imports is saved, or made', async () => {
    const main = 'import { a } from "./lib/a.ts";\nexport default a;';
    watch(
      { 'main.ts': main, 'lib/a.ts': 'export { b as a } from "../b.js";', 'b.js': 'export const b = "one";' },
      'main.ts',
    );
    await command.waitFor(/main +True .*"one"/, /watching for changes/);
    files.write('b.js', 'export const b = "two";');
    await command.waitFor(/run 2 .* b\.js changed/, /main +True .*"two"/);
    files.write('lib/a.ts', 'export { c as a } from "./c.js";');
    await command.waitFor(/Cannot import '.\/c\.js'/, /run 3 .*watching for changes/s);
    files.write('lib/c.js', 'export const c = "three";');
    await command.waitFor(/main +True .*"three"/);
  });

  test('cancels a run in progress', async () => {
    watch(
      { 'a.js': 'await new Promise((done) => host.never().then(done))', 'h.mjs': HOST },
      'a.js',
      '--host-functions',
      'h.mjs',
    );
    await command.waitFor(/never called/);
    files.write('a.js', '"quick"');
    await command.waitFor(/Cancelled.*\na +True .*"quick"/s);
  });

  test('watches directories and the files of options', async () => {
    watch({ 'params.txt': '{"n":1}', 'm.yaml': MANIFEST }, '.', '--params-file', 'params.txt', '-o', 'json');
    await command.waitFor(/"result": 1/, /run 1 .*watching/s);
    files.write('params.txt', '{"n":2}');
    await command.waitFor(/"result": 2/, /run 2 .*watching/s);
    files.write('other.yaml', MANIFEST.replace('name: m', 'name: other'));
    await command.waitFor(/"name": "other"/);
  });

  test('sees changes of what a symbolic link leads to, and of the link', async () => {
    files = new Workspace({ 'a.js': '"one"', 'b.js': '"other"', 'm.txt': MANIFEST.replace('params.n', `"'three'"`) });
    symlinkSync('a.js', join(files.path, 'link.js'));
    mkdirSync(join(files.path, 'all'));
    symlinkSync('../m.txt', join(files.path, 'all/m.yaml'));
    command = new Command(['run', '--watch', 'link.js', 'all'], { cwd: files.path });
    await command.waitFor(/link +True .*"one"/, /watching for changes/);
    files.write('a.js', '"two"');
    await command.waitFor(/link +True .*"two"/, /run 2 .*watching/s);
    files.write('m.txt', MANIFEST.replace('params.n', `"'four'"`));
    await command.waitFor(/m +True .*"four"/, /run 3 .*watching/s);
    rmSync(join(files.path, 'link.js'));
    symlinkSync('b.js', join(files.path, 'link.js'));
    await command.waitFor(/link +True .*"other"/);
  });
});

const HOST = 'export const host = { never: () => new Promise(() => console.error("never called")) }';
const MANIFEST = `apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: m }
spec: { source: params.n }
`;
