import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { copepod, Workspace } from '../support/cli.ts';
import { outcomeOf, PodProcess, refusalOf } from './pod-process.ts';

const KEY = JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' });
const ENV = { COPEPOD_POD_UID: 'pod-1', COPEPOD_PUBLIC_KEY: KEY };

/** Has the process that starts sandboxes start through this shell script, whose arguments are its command. */
function startingBy(script: string) {
  const files = new Workspace({ 'gate.sh': script });
  const gate = JSON.stringify(join(files.path, 'gate.sh'));
  files.write(
    'preload.cjs',
    `const processes = require('node:child_process');
    const { spawn } = processes;
    processes.spawn = (file, args, options) =>
      args.some((arg) => arg.endsWith('zygote.cjs'))
        ? spawn('/bin/sh', [${gate}, file, ...args], options)
        : spawn(file, args, options);
    require('node:module').syncBuiltinESMExports();`,
  );
  return Object.assign(files, { env: { NODE_OPTIONS: `--require ${join(files.path, 'preload.cjs')}` } });
}

test('a pod is ready only when a VM is warm; before that it is alive and starts no runs', async () => {
  const files = startingBy(
    'while [ ! -e "$(dirname "$0")/go" ]; do [ -e "$0" ] || exit 1; sleep 0.05; done; exec "$@"',
  );
  using _ = files;
  await using pod = await PodProcess.start({ env: files.env });
  expect((await pod.open('/readyz')).status).toBe(503);
  expect((await pod.open('/healthz')).status).toBe(200);
  expect(await pod.stats()).toMatchObject({ ready: false, draining: false });
  expect(refusalOf(await pod.run('a.1.1'))).toEqual([503, 'NotReady']);

  files.write('go', '');
  await pod.logged(({ state }) => state === 'Serving');
  expect((await pod.open('/readyz')).status).toBe(200);
  expect((await pod.stats()).pool.idle).toBeGreaterThan(0);
  expect(outcomeOf(await pod.run('a.1.1')).reason).toBe('Completed');
});

test('a starting pod answers a stats request when it serves', async () => {
  const files = startingBy(
    'while [ ! -e "$(dirname "$0")/go" ]; do [ -e "$0" ] || exit 1; sleep 0.01; done; exec "$@"',
  );
  using _ = files;
  await using pod = await PodProcess.start({ env: files.env });
  const answers: boolean[] = [];
  const asked = (async () => {
    while (answers.at(-1) !== true) answers.push((await pod.stats()).ready);
  })();
  await pod.open('/healthz');
  files.write('go', '');
  const { sinceStartMs } = await pod.logged(({ state }) => state === 'Serving');
  expect(sinceStartMs).toBeGreaterThan(0);
  // Requests sent since it serves are answered after the earlier ones.
  for (let i = 0; i < 3; i++) await pod.open('/readyz');
  expect(answers.at(-1)).toBe(true);
  await asked;
  // Sequential, at most a second each: without delayed answers there would be dozens.
  expect(answers.length).toBeLessThan(6);
});

test('a pod whose sandboxes cannot be started logs it, and serves once they can', async () => {
  const files = startingBy('[ -e "$(dirname "$0")/go" ] && exec "$@"; echo no such luck >&2; exit 1');
  using _ = files;
  await using pod = await PodProcess.start({ env: files.env });
  const complaint = await pod.logged(({ message }) => message === 'no VM can be started');
  expect(complaint).toMatchObject({ level: 'error', error: { message: expect.stringContaining('no such luck') } });
  expect((await pod.open('/healthz')).status).toBe(200);
  expect(refusalOf(await pod.run('a.1.1'))).toEqual([503, 'NotReady']);
  files.write('go', '');
  await pod.logged(({ state }) => state === 'Serving');
  expect(outcomeOf(await pod.run('a.1.1')).reason).toBe('Completed');
});

test('a config can be a file or JSON on the command line', async () => {
  using files = new Workspace({ 'pod.json': '{"pool":{"size":3},"limits":{"timeout":"90s"}}' });
  for (const config of [`${files.path}/pod.json`, '{"pool":{"size":3},"limits":{"timeout":"90s"}}']) {
    await using pod = await PodProcess.start({ args: ['--config', config] });
    expect((await pod.stats()).pool.size).toBe(3);
    expect(pod.log[0]).toMatchObject({ message: 'listening', graceMs: 120_000 });
  }
});

describe('a pod does not start, with an error,', () => {
  test.each<[string, string[], Record<string, string>, RegExp]>([
    [
      'without its environment',
      [],
      {},
      /COPEPOD_POD_UID is missing[\s\S]*COPEPOD_PUBLIC_KEY is missing[\s\S]*'copepod run'/,
    ],
    ['with an invalid config', ['--config', '{"pool":{"size":0}}'], ENV, /--config: pool\.size must be/],
    ['with an invalid port', ['--port', '70000'], ENV, /whole number from 0 to 65535/],
    [
      'with an address of another machine',
      ['--address', '192.0.2.1', '--port', '0'],
      ENV,
      /cannot listen on port 0: cannot assign requested address/,
    ],
    ['with missing host functions', ['--host-functions', '/no.mjs'], ENV, /\/no\.mjs: no such file/],
    ['with an unknown option', ['--prot', '1'], ENV, /unknown option '--prot'/],
  ])('%s', async (_, args, env, expected) => {
    const { code, stderr } = await copepod(['runtime', ...args], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/\n +at |bug/);
  });

  test('if its port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await copepod(['runtime', '--address', '127.0.0.1', '--port', String(port)], { env: ENV });
    other.close();
    expect([code, stderr]).toEqual([
      2,
      `copepod: cannot listen on port ${port}: address already in use\n  name another port, or 0 for a free one\n`,
    ]);
  });
});

test('--help lists every option and variable', async () => {
  const { code, stdout } = await copepod(['runtime', '--help']);
  expect(code).toBe(0);
  const names = ['--port', '--address', '--config', '--host-functions', 'POD_UID', 'PUBLIC_KEY', 'RUNTIME_CONFIG'];
  for (const name of [...names, 'GRACE_SECONDS', 'LOG_LEVEL', '/readyz']) expect(stdout).toContain(name);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});
