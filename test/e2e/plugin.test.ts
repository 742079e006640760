import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { useNamespace } from './support/namespace.ts';
import { reasonOf, runtime } from './support/objects.ts';
import { Plugin } from './support/plugin.ts';

const namespace = useNamespace('plugin');

beforeAll(async () => {
  await namespace.runtime({ replicas: 2, image: HOST_FUNCTIONS_IMAGE, pool: { size: 4 }, limits: { timeout: '10m' } });
}, 180_000);

describe('kubectl copepod, on real pods', () => {
  let plugin: Plugin;
  beforeAll(() => {
    plugin = new Plugin(namespace.name);
  });
  afterAll(() => plugin?.[Symbol.dispose]());

  const runs = async (name: string): Promise<void> => {
    await namespace.until(`${name} to run`, async () => (await namespace.execution(name)).status.claim?.podName);
  };
  /** Ends `await pod.told()` in all scripts of the pod that runs an execution. */
  const tell = async (name: string): Promise<void> => {
    const pod = (await namespace.execution(name)).status.claim?.podName ?? '';
    await namespace.kubectl('exec', pod, '--', 'sh', '-c', 'kill -USR2 1');
  };

  test('run prints the result, or the error at its place, and its exit code says which', async () => {
    plugin.write('good.js', '({ sum: params.a + params.b })');
    plugin.write('bad.ts', 'const n: number = 1;\nthrow new Error(String(n));\n');
    expect(await plugin.run(['run', 'good.js', '-p', 'a=1', '-p', 'b=2'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"sum": 3'),
    });
    const failed = await plugin.run(['run', 'bad.ts']);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stdout + failed.stderr).toMatch(/RuntimeError\n +Error: 1\n[\s\S]*bad\.ts:2:7/);
  });

  test('logs -f prints a line while the script runs, and ends with it', async () => {
    await namespace.start({ followed: { source: 'console.log("first"); await pod.told(); console.log("last")' } });
    let telling: Promise<void> | undefined;
    const { code, stdout, stderr } = await plugin.run(['logs', '-f', 'followed'], (text) => {
      if (text.includes('first')) telling ??= tell('followed');
    });
    expect({ code, stdout, stderr: stderr.replace(/^It runs on pod .*\n/, '') }).toEqual({
      code: 0,
      stdout: 'info  first\ninfo  last\n',
      stderr: '',
    });
    await telling;
  });

  test('top shows what runs, and cancel ends it', async () => {
    await namespace.start({ endless: { source: 'await clock.sleep(600_000)' } });
    await runs('endless');
    const { stdout } = await plugin.run(['top', '--once']);
    expect(stdout).toMatch(/^endless +default +\S+ +Running +\w+ +copepod-default-\S+$/m);
    expect(await plugin.run(['cancel', 'endless'])).toMatchObject({
      code: 0,
      stdout: 'scriptexecution.copepod.dev/endless cancelled\n',
    });
    expect(reasonOf(await namespace.execution('endless'))).toBe('Cancelled');
  });

  test('rerun of an execution that runs is refused, and --force cancels that run and starts another', async () => {
    await namespace.start({ again: { source: 'await clock.sleep(600_000)' } });
    await runs('again');
    const refused = await plugin.run(['rerun', 'again']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/--force/);
    expect((await plugin.run(['rerun', 'again', '--force'])).code).toBe(0);
    await namespace.until(
      'a second run',
      async () => (await namespace.execution('again')).status.run === 2 || undefined,
    );
    expect((await plugin.run(['cancel', 'again'])).code).toBe(0);
  });

  test('explain tells of an image that cannot be pulled', async () => {
    const image = 'localhost/copepod-there-is-none:1';
    await namespace.apply([runtime('imageless', { image })]);
    await namespace.start({ 'without-an-image': { runtimeRef: { name: 'imageless' }, source: '1' } });
    const explained = await namespace.until(
      'the reason',
      async () => {
        const { stdout } = await plugin.run(['explain', 'without-an-image', '-o', 'json']);
        const answer = JSON.parse(stdout) as { reason: string; message: string };
        return answer.reason === 'ImagePullFailed' ? answer : undefined;
      },
      { withinMs: 150_000 },
    );
    expect(explained.message).toContain(image);
  });
});
