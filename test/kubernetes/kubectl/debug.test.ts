import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { copepod } from '../../integration/support/cli.ts';
import { DebuggerClient } from '../../support/debugger-client.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { Plugin } from './support/plugin.ts';
import { makeUser } from './support/user.ts';

// Each command is a process that loads the Kubernetes client: seconds, on a busy machine.
jest.setTimeout(240_000);

let cluster: Cluster;
let plugin: Plugin;

const SCRIPT = `import { double } from './lib.ts';
import { vat } from '@acme/vat';
export default (params: { n: number }) => {
  if (params.n > 100) throw new Error('too many');
  return [double(params.n), vat, env.REGION, env.TOKEN ?? 'none', context.tenant.id];
};
`;

beforeAll(async () => {
  cluster = await Cluster.create();
  const { api, namespace } = cluster;
  plugin = new Plugin(namespace);
  await cluster.makeSource('files', { 'main.ts': SCRIPT, 'lib.ts': 'export const double = (n: number) => 2 * n;' });
  await cluster.makeSource('vat', { 'vat.js': 'export const vat = 0.2;' });
  const plain = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace },
    data: { region: 'eu' },
  };
  await api.apply(plain);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace } };
  await api.apply({ ...secret, stringData: { token: 'the-token', other: 'not-referenced' } });
  await cluster.makeRuntime('default', {
    imports: { '@acme/vat': { configMapKeyRef: { name: 'vat', key: 'vat.js' } } },
    env: [
      { name: 'REGION', valueFrom: { configMapKeyRef: { name: 'settings', key: 'region' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
    ],
  });
  const spec = { sourceFrom: { configMapRef: { name: 'files', main: 'main.ts' } }, params: { n: 21 }, suspend: true };
  await cluster.executions.create('given', { ...spec, context: { tenant: { id: 'acme' } } });
}, 120_000);
afterAll(async () => {
  plugin?.[Symbol.dispose]();
  await cluster?.close();
});

/** Result of the one execution in a List. */
const resultOf = (stdout: string): unknown => JSON.parse(stdout).items[0].status.result;

describe('kubectl copepod debug', () => {
  test('runs here what the execution is given there: files, imports, params, context and env', async () => {
    const { code, stdout } = await plugin.run(['debug', 'given', '--env', 'TOKEN=mine', '-o', 'json']);
    expect({ code, result: resultOf(stdout) }).toEqual({ code: 0, result: [42, 0.2, 'eu', 'mine', 'acme'] });
  });

  test('--inspect-brk runs it under a debugger, stopped at its first statement', async () => {
    const args = ['debug', 'given', '--env', 'TOKEN=mine', '--inspect-brk', '--inspect-port', '0', '-o', 'json'];
    const command = plugin.start(args);
    await command.waitFor(/Debugger listening on ws:\S+\n/, /warning: .*less contained/);
    using client = await DebuggerClient.attach(/Debugger listening on (ws:\S+)/.exec(command.stderr)?.[1] ?? '');
    const place = { file: `copepod://${cluster.namespace}/given/main.ts`, line: 4 };
    expect(client.placeOf(await client.paused())).toEqual(place);
    await client.resume();
    const { code, stdout } = await command.ended;
    expect({ code, result: resultOf(stdout) }).toEqual({ code: 0, result: [42, 0.2, 'eu', 'mine', 'acme'] });
  });

  test('fetches no Secrets but with --secrets, and says what they are needed for', async () => {
    const refused = await plugin.run(['debug', 'given']);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/env\.TOKEN is from Secret "keys" with key "token"\n.*--secrets.*--env TOKEN=/),
    });
    const { code, stdout } = await plugin.run(['debug', 'given', '--secrets', '-o', 'json']);
    // Values of Secrets are redacted from results, here as there.
    expect({ code, result: resultOf(stdout) }).toEqual({
      code: 0,
      result: [42, 0.2, 'eu', '***', 'acme'],
    });
  });

  test('shows an error at its place in the file, and exits with 1', async () => {
    const { code, stdout } = await plugin.run(['debug', 'given', '--env', 'TOKEN=x', '-p', 'n=101']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/too many/);
    expect(stdout).toMatch(/> 4 \| {3}if \(params\.n > 100\) throw/);
  });

  test("keeps the manifests with --save, for 'copepod run', with the referenced keys of Secrets for this user alone", async () => {
    const { code, stderr } = await plugin.run(['debug', 'given', '--secrets', '--save', 'kept']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('copepod run kept') });
    const file = join(plugin.directory, 'kept/execution.yaml');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(Buffer.from('not-referenced').toString('base64'));
    const again = await copepod(['run', 'kept', '-p', 'n=1', '-o', 'json'], { cwd: plugin.directory });
    expect(resultOf(again.stdout)).toEqual([2, 0.2, 'eu', '***', 'acme']);
  });

  test('says what does not exist', async () => {
    const sourceFrom = { configMapKeyRef: { name: 'nowhere', key: 'a.js' } };
    await cluster.executions.create('sourceless', { sourceFrom });
    const { code, stderr } = await plugin.run(['debug', 'sourceless', '-e', 'TOKEN=x']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('ConfigMap nowhere does not exist') });
    expect(existsSync(join(plugin.directory, 'execution.yaml'))).toBe(false);
  });

  test('needs the right to read what the execution refers to', async () => {
    using theirs = new Plugin(cluster.namespace, await makeUser(cluster.api, cluster.namespace, 'copepod-edit'));
    const { code, stderr } = await theirs.run(['debug', 'given', '-e', 'TOKEN=x']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('cannot get resource "configmaps"') });
  });
});
