import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

const SUPERVISOR = fileURLToPath(new URL('./support/refused-supervisor.ts', import.meta.url));

async function supervisorWith(policy: 'Required' | 'IfAvailable'): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', SUPERVISOR, policy],
    { timeout: 25_000 },
  );
  return JSON.parse(stdout);
}

describe('where the kernel refuses seccomp filters', () => {
  test('no sandbox starts by default, and the error says how to go on', async () => {
    const sentence = expect.stringMatching(
      /^(no sandbox can be started: )?the kernel refuses seccomp filters\. .* allow the system call seccomp .* pool\.seccomp: IfAvailable/,
    );
    expect(await supervisorWith('Required')).toEqual({
      ready: sentence,
      reason: 'SandboxLost',
      message: sentence,
      containment: { seccomp: 'Inactive', reason: 'the kernel refuses seccomp filters', permissionModel: 'Active' },
      warnings: [],
    });
  });

  test('with IfAvailable sandboxes run without the filter, and the embedding program is told', async () => {
    expect(await supervisorWith('IfAvailable')).toEqual({
      ready: 'ready',
      reason: 'Completed',
      result: 42,
      containment: { seccomp: 'Inactive', reason: 'the kernel refuses seccomp filters', permissionModel: 'Active' },
      warnings: ['the kernel refuses seccomp filters'],
    });
  });
});
