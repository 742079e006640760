import { execFileSync, spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { CLI, copepod, Workspace } from './support/cli.ts';

const INSTALLED_WITHIN_MS = 300_000;

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** Which shells are there. Those that are not are installed where that is possible. */
function availableShells(shells: readonly string[]): Set<string> {
  const missing = shells.filter((shell) => !isThere(shell));
  if (missing.length > 0) {
    const installer = fileURLToPath(new URL('../support/debian-packages.sh', import.meta.url));
    spawnSync(installer, missing, { stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALLED_WITHIN_MS });
  }
  return new Set(shells.filter(isThere));
}

/** Runs a script in a shell that finds copepod on its PATH. */
function inShell(shell: string, script: string): string {
  using bin = new Workspace();
  symlinkSync(CLI, join(bin.path, 'copepod'));
  const PATH = [dirname(process.execPath), bin.path, process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH, NODE_OPTIONS: '' };
  return execFileSync(shell, ['-c', script], { encoding: 'utf8', env, timeout: 50_000 });
}

describe('copepod completion', () => {
  test('completes commands, options and choices in bash', () => {
    const ask = (words: string): string =>
      `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _copepod; echo "\${COMPREPLY[@]}"`;
    const script = `source <(copepod completion bash)\n${ask('copepod va')}\n${ask('copepod run --par')}\n${ask("copepod run -o ''")}`;
    expect(inShell('bash', script)).toBe('validate\n--param --params-file\ntable json yaml\n');
  });

  const shells = availableShells(['zsh', 'fish']);
  const inItsShell = (shell: string, run: () => void): void => {
    if (shells.has(shell)) test(`is valid in ${shell}`, run);
    else test.skip(`is valid in ${shell} (skipped: it is not installed, and cannot be)`, run);
  };

  inItsShell('zsh', () => {
    const script =
      'compdef() { echo "$@" }; _describe() { eval "print -l -- \\"\\$$2[@]\\"" }; source <(copepod completion zsh); words=(copepod va); CURRENT=2; _copepod';
    expect(inShell('zsh', script)).toBe('_copepod copepod\nvalidate:check scripts and manifests, and run nothing\n');
  });

  inItsShell('fish', () => {
    const script = "copepod completion fish | source; complete -C 'copepod va'";
    expect(inShell('fish', script)).toBe('validate\tcheck scripts and manifests, and run nothing\n');
  });

  test('refuses other shells, and says which there are', async () => {
    const { code, stderr } = await copepod(['completion', 'tcsh']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('bash, zsh, fish') });
  });

  test('lets the shell complete files, and prints nothing else', async () => {
    expect(await copepod(['__complete', 'run', 'ex'])).toEqual({ code: 0, stdout: ':0\n', stderr: '' });
    expect(await copepod(['__complete', 'nonsense', ''])).toEqual({ code: 0, stdout: ':4\n', stderr: '' });
  });
});
