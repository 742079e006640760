import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../integration/support/cli.ts';
import { goProgram } from '../support/go-program.ts';

const text = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8');
interface Job {
  readonly permissions?: object;
  readonly steps: readonly { readonly name?: string; readonly run?: string; readonly uses?: string }[];
}
const { jobs, permissions } = parse(text) as { jobs: Record<string, Job>; permissions: object };
const steps = Object.values(jobs).flatMap((job) => job.steps);
const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

/** Checks a workflow: a file, or `-` for the input. Without the programs that it would call if the machine had them. */
function actionlint(file: string, input = '') {
  const program = goProgram(
    new URL('../workflows/', import.meta.url),
    'actionlint',
    'for the test of the release workflow',
    {
      package: 'github.com/rhysd/actionlint/cmd/actionlint',
    },
  );
  const args = ['-no-color', '-shellcheck=', '-pyflakes=', file];
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the release workflow', () => {
  test('pins each action by its commit, and says which version that is', () => {
    const uses = text.split('\n').filter((line) => line.includes('uses:'));
    expect(uses.length).toBeGreaterThan(5);
    for (const line of uses) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('has no fault that actionlint finds', () => {
    expect(actionlint('.github/workflows/release.yml')).toEqual({ status: 0, stdout: '', stderr: '' });
  }, 300_000);

  test.each([
    ['an output that no job has', 'needs.check.outputs.version', 'needs.check.outputs.versoin', 'versoin'],
    ['a job that is not waited for', 'needs: [check, image]', 'needs: [image]', 'property "check" is not defined'],
    ['a runner that does not exist', 'runs-on: ubuntu-24.04', 'runs-on: ubuntu-24', 'label "ubuntu-24" is unknown'],
  ])(
    'would not pass with %s',
    (_, right, wrong, message) => {
      const { status, stdout } = actionlint(
        '-',
        text.replace(right, () => wrong),
      );
      expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining(message) });
    },
    300_000,
  );

  test('audits what is bundled too, which are development dependencies', () => {
    const audits = scripts.join('\n').match(/npm audit.*/g);
    expect(audits).toEqual(['npm audit --audit-level=high']);
  });

  test('may read, and write only in the jobs that publish', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.check?.permissions).toBeUndefined();
  });

  test.each(scripts)('has a shell script without syntax errors: %s', (script) => {
    expect(spawnSync('bash', ['-n', '-c', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('runs files that exist and can be run', () => {
    const files = [...scripts.join('\n').matchAll(/scripts\/release\/[\w.-]+/g)].map(([file]) => file);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) accessSync(join(ROOT, file), constants.X_OK);
  });

  test('takes no text of an event into a script', () => {
    for (const script of scripts) expect(script).not.toContain('${{');
  });
});

describe('check-version.sh', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const check = (tag: string) => spawnSync(join(ROOT, 'scripts/release/check-version.sh'), [tag], { encoding: 'utf8' });

  test.each([
    ['v9.9.9', `package.json has version ${version}, the tag 9.9.9`],
    ['main', 'main is no tag of a version'],
  ])('refuses the tag %s', (tag, message) => {
    const { status, stderr } = check(tag);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  test('finds the versions of package and chart alike: what is left is the section of the changelog', () => {
    const { status, stdout, stderr } = check(`v${version}`);
    expect([`${version}\n`, '']).toContain(stdout);
    if (status !== 0) expect(stderr).toBe(`CHANGELOG.md has no section ${version}\n`);
  });
});

test('dependabot looks at packages, actions and the base image', () => {
  const { updates } = parse(readFileSync(join(ROOT, '.github/dependabot.yml'), 'utf8'));
  const ecosystems = (updates as { 'package-ecosystem': string }[]).map((each) => each['package-ecosystem']);
  expect(ecosystems).toEqual(['npm', 'github-actions', 'docker']);
});
