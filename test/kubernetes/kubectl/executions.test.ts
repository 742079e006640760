import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { reasonOf } from '../operator/support/executions.ts';
import { counted, gated } from '../operator/support/journal.ts';
import { Plugin } from './support/plugin.ts';

// Each command is a process that loads the Kubernetes client: seconds, on a busy machine.
jest.setTimeout(240_000);

let cluster: Cluster;
let plugin: Plugin;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 4 }, limits: { timeout: '10m' } });
  await cluster.startPod();
  plugin = new Plugin(cluster.namespace);
}, 120_000);
afterAll(async () => {
  plugin?.[Symbol.dispose]();
  await cluster?.close();
});

/** Name of the execution that a command has said it wrote. */
const nameIn = (stderr: string): string => /scriptexecution\.copepod\.dev\/(\S+)/.exec(stderr)?.[1] ?? '';

describe('kubectl copepod run', () => {
  test('creates an execution of a script, prints its logs and its result, and exits with 0', async () => {
    plugin.write('hello.js', 'console.log("hi", params.who);\n({ greeted: params.who, at: context.tenant.id })');
    const { code, stdout, stderr } = await plugin.run(['run', 'hello.js', '-p', 'who=world']);
    expect({ code, result: JSON.parse(stdout) }).toEqual({
      code: 0,
      result: { greeted: 'world', at: cluster.namespace },
    });
    expect(stderr).toMatch(/^info {2}hi world$/m);
    const name = nameIn(stderr);
    expect(name).toMatch(/^hello-[a-z0-9]{5}$/);
    expect(reasonOf(await cluster.executions.get(name))).toBe('Completed');
  });

  test('exits with 1 for a script that fails, and shows its line in the file of the user', async () => {
    plugin.write('broken.ts', 'const n: number = 1;\nthrow new Error("no luck \\u001b[31m" + n);\n');
    const { code, stdout, stderr } = await plugin.run(['run', 'broken.ts']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/RuntimeError/);
    expect(stderr).toMatch(/at broken\.ts:2:\d+/);
    expect(stderr).toMatch(/> 2 \| throw new Error/);
    expect(stderr).not.toContain('\u001b');
  });

  test('lays params, env and limits over, prints the object with -o json, and deletes it with --rm', async () => {
    plugin.write('all.js', '[params, env.REGION]');
    plugin.write('params.yaml', 'a: 1\nb: { c: 2 }\n');
    const options = [
      '--params-file',
      'params.yaml',
      '-p',
      'a=2',
      '-e',
      'REGION=eu',
      '--timeout',
      '5s',
      '--memory',
      '16Mi',
    ];
    const { code, stdout, stderr } = await plugin.run(['run', 'all.js', ...options, '-o', 'json', '--rm']);
    expect(code).toBe(0);
    const object = JSON.parse(stdout);
    expect(object).toMatchObject({
      kind: 'ScriptExecution',
      spec: { limits: { timeout: '5s', memory: '16Mi' } },
      status: { result: [{ a: 2, b: { c: 2 } }, 'eu'] },
    });
    expect(object.metadata.managedFields).toBeUndefined();
    expect(await cluster.executions.find(nameIn(stderr))).toBeUndefined();
  });

  test('applies a manifest, and runs it again where nothing has changed', async () => {
    const spec = { source: counted('manifest') };
    const manifest = {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptExecution',
      metadata: { name: 'manifest' },
      spec,
    };
    plugin.write('manifest.json', JSON.stringify(manifest));
    const first = await plugin.run(['run', 'manifest.json']);
    expect(first.stderr).toContain('scriptexecution.copepod.dev/manifest created');
    const second = await plugin.run(['run', 'manifest.json']);
    expect(second.stderr).toContain('scriptexecution.copepod.dev/manifest run again');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(cluster.journal.runsOf('manifest')).toBe(2);
    const third = await plugin.run(['run', 'manifest.json', '-p', 'x=1']);
    expect({ code: third.code, runs: cluster.journal.runsOf('manifest') }).toEqual({ code: 0, runs: 3 });
  });

  test('says what it waits for, leaves the execution on Ctrl-C, and says how to go on', async () => {
    plugin.write('waits.js', '1');
    const running = plugin.start(['run', 'waits.js', '--runtime', 'later']);
    await running.waitFor(/waiting: RuntimeNotFound: There is no ScriptRuntime "later"/);
    running.signalGroup('SIGINT');
    const { code, stderr, stdout } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    const name = nameIn(stderr);
    expect(stderr).toContain(`kubectl copepod logs -f ${name} -n ${cluster.namespace}`);
    expect(stderr).toContain(`kubectl copepod cancel ${name} -n ${cluster.namespace}`);
    expect(reasonOf(await cluster.executions.get(name))).toBe('RuntimeNotFound');
  });

  test('cancels the execution on Ctrl-C with --cancel-on-interrupt', async () => {
    plugin.write('gated.js', gated('interrupted'));
    const running = plugin.start(['run', 'gated.js', '--cancel-on-interrupt']);
    await running.waitFor(/It runs on pod/);
    running.signalGroup('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(reasonOf(await cluster.executions.get(nameIn(stderr)))).toBe('Cancelled');
  });

  test('with --no-wait returns once the execution is written, and prints its name', async () => {
    plugin.write('later.js', '1');
    const { code, stdout } = await plugin.run(['run', 'later.js', '--no-wait', '-o', 'name', '--name', 'by-name']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'scriptexecution.copepod.dev/by-name\n' });
    await cluster.executions.reaches('by-name', 'Completed');
  });

  test('exits with 1 for a suspended execution, and says how to resume it', async () => {
    const manifest =
      'apiVersion: copepod.dev/v1alpha1\nkind: ScriptExecution\nmetadata: { name: asleep }\nspec: { source: "1", suspend: true }\n';
    const { code, stderr } = await plugin.run(['run', '-'], { input: manifest });
    expect(code).toBe(1);
    expect(stderr).toContain('kubectl patch sx asleep');
  });

  test.each<[string, string[], RegExp]>([
    ['a missing file', ['run', 'nowhere.js'], /nowhere\.js: no such file/],
    ['a manifest for another namespace', ['run', 'far.json', '-n', 'here'], /for namespace "far".*-n says "here"/],
    ['a manifest without an execution', ['run', 'map.json'], /holds 0 ScriptExecutions\n.*one script, or one manifest/],
    ['an invalid manifest', ['run', 'bad.json'], /spec\.soruce[\s\S]*nothing has been sent/],
    ['a name for a manifest', ['run', 'far.json', '--name', 'x'], /--name is for scripts/],
    ['an unknown command', ['runn'], /kubectl copepod: unknown command 'runn'\n {2}did you mean run\?/],
  ])('refuses %s, with what to do', async (_, args, message) => {
    const object = (metadata: object, spec: object, kind = 'ScriptExecution') =>
      JSON.stringify({ apiVersion: 'copepod.dev/v1alpha1', kind, metadata, spec });
    plugin.write('far.json', object({ name: 'far', namespace: 'far' }, { source: '1' }));
    plugin.write('bad.json', object({ name: 'bad' }, { soruce: '1' }));
    plugin.write('map.json', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{}}');
    const { code, stdout, stderr } = await plugin.run(args);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('kubectl copepod logs', () => {
  test('prints the lines of an execution that has ended, without the control characters of its script', async () => {
    const source = 'console.log("one\\u001b[2J"); console.error("two\\nlines"); 1';
    await cluster.executions.create('logged', { source });
    await cluster.executions.reaches('logged', 'Completed');
    const { code, stdout } = await plugin.run(['logs', 'scriptexecution.copepod.dev/logged']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'info  one\\x1b[2J\nerror two\n      lines\n' });
    const json = await plugin.run(['logs', 'logged', '-o', 'json', '--tail', '1']);
    expect(JSON.parse(json.stdout)).toMatchObject({ level: 'error', message: 'two\nlines' });
  });

  test('with -f waits for the end, and prints each line once', async () => {
    await cluster.executions.create('followed', { source: `console.log("first"); ${gated('followed')}` });
    const following = plugin.start(['logs', '-f', 'followed', '--timestamps']);
    await following.waitFor(/It runs on pod/);
    cluster.journal.open('followed');
    const { code, stdout } = await following.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT\S+Z info {2}first\n$/);
  });

  test('says so where there are none', async () => {
    await cluster.executions.create('silent', { source: '1', suspend: true });
    await cluster.executions.reaches('silent', 'Suspended');
    const { code, stdout, stderr } = await plugin.run(['logs', 'silent']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('silent has not started: spec.suspend is true');
  });

  test('names the nearest execution where there is none of that name', async () => {
    const { code, stderr } = await plugin.run(['logs', 'loged']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/there is no ScriptExecution "loged" in namespace "scripts-\w+"\n {2}did you mean logged\?/);
  });
});

describe('kubectl copepod cancel', () => {
  test('cancels executions that wait or run, and waits for their end; one that has ended stays as it is', async () => {
    await cluster.executions.create('runs', { source: gated('runs') });
    await cluster.executions.create('waits', { source: '1', runtimeRef: { name: 'none' } });
    await cluster.executions.create('over', { source: '1' });
    await cluster.executions.reaches('over', 'Completed');
    await cluster.executions.reaches('runs', 'Running');
    const { code, stdout } = await plugin.run(['cancel', 'runs', 'waits', 'over']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'scriptexecution.copepod.dev/runs cancelled',
        'scriptexecution.copepod.dev/waits cancelled',
        'scriptexecution.copepod.dev/over had ended: Completed',
        '',
      ].join('\n'),
    });
  });

  test('cancels nothing where one of the names does not exist', async () => {
    await cluster.executions.create('goes-on', { source: '1', suspend: true });
    const { code } = await plugin.run(['cancel', 'goes-on', 'no-such']);
    expect(code).toBe(2);
    expect((await cluster.executions.get('goes-on')).spec.cancel).toBe(false);
  });
});

describe('kubectl copepod rerun', () => {
  test('runs an execution again, also one that was cancelled, and with --wait prints its result', async () => {
    await cluster.executions.create('again', { source: counted('again'), params: ['done'], cancel: true });
    await cluster.executions.reaches('again', 'Cancelled');
    const { code, stdout, stderr } = await plugin.run(['rerun', 'again', '--wait']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[\n  "done"\n]\n' });
    expect(stderr).toContain('run 2');
    expect(cluster.journal.runsOf('again')).toBe(1);
  });

  test('refuses one whose run has not ended; --force cancels that run', async () => {
    await cluster.executions.create('busy', { source: gated('busy') });
    await eventually(() => expect(cluster.journal.runsOf('busy')).toBe(1));
    const refused = await plugin.run(['rerun', 'busy']);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/current run of busy has not ended\n.*--force/),
    });
    expect((await plugin.run(['rerun', 'busy', '--force'])).code).toBe(0);
    await eventually(() => expect(cluster.journal.runsOf('busy')).toBe(2));
    cluster.journal.open('busy');
    await cluster.executions.reaches('busy', 'Completed');
  });
});

describe('kubectl copepod explain', () => {
  test('answers for executions that ended, and for one whose runtime does not exist', async () => {
    await cluster.executions.create('well', { source: '42' });
    await cluster.executions.create('badly', { source: 'null.x' });
    await cluster.executions.create('lost', { source: '1', runtimeRef: { name: 'defalt' } });
    await cluster.executions.ended(['well', 'badly']);
    await cluster.executions.reaches('lost', 'RuntimeNotFound');
    const answers = Object.fromEntries(
      await Promise.all(['well', 'badly', 'lost'].map(async (name) => [name, await plugin.run(['explain', name])])),
    );
    expect(answers).toEqual({
      well: {
        code: 0,
        stdout: expect.stringMatching(/^well succeeded: Completed\n {2}It succeeded at \S+ in \d+ ms on pod \S+\.\n$/),
        stderr: '',
      },
      badly: {
        code: 0,
        stdout: expect.stringMatching(/^badly failed: RuntimeError\n {2}Its script threw: .*null[\s\S]*> 1 \| null\.x/),
        stderr: '',
      },
      lost: {
        code: 0,
        stdout: expect.stringMatching(/^lost waits: RuntimeNotFound\n.*\n {2}→ .*did you mean default\?/),
        stderr: '',
      },
    });
  });

  test('answers in JSON for a runtime without pods, from its conditions', async () => {
    await cluster.makeRuntime('empty', { replicas: 0 });
    await cluster.executions.create('unserved', { source: '1', runtimeRef: { name: 'empty' } });
    await cluster.executions.reaches('unserved', 'RuntimeNotReady');
    await eventually(async () => {
      const { stdout } = await plugin.run(['explain', 'unserved', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual({
        name: 'unserved',
        namespace: cluster.namespace,
        state: 'waiting',
        reason: 'ScaledToZero',
        message: 'ScriptRuntime "empty" is scaled to zero.',
        advice: `kubectl scale srt empty -n ${cluster.namespace} --replicas=1`,
      });
    });
  });
});
