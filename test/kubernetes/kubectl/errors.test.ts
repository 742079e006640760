import { createServer } from 'node:net';
import { delimiter } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { KubeObject } from '../../api-server/client.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { Plugin } from './support/plugin.ts';
import { makeUser } from './support/user.ts';

// Each command is a process that loads the Kubernetes client: seconds, on a busy machine.
jest.setTimeout(240_000);

let cluster: Cluster;
let plugin: Plugin;

beforeAll(async () => {
  cluster = await Cluster.create();
  plugin = new Plugin(cluster.namespace);
}, 120_000);
afterAll(async () => {
  plugin?.[Symbol.dispose]();
  await cluster?.close();
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address === null || typeof address === 'string' ? 1 : address.port;
}

describe('errors exit with 2 and say what to do:', () => {
  test('no kubeconfig', async () => {
    const env = { KUBECONFIG: '', HOME: plugin.directory };
    const { code, stderr } = await plugin.run(['logs', 'x'], { env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/no API server is configured.*\n.*--kubeconfig/),
    });
  });

  test('a KUBECONFIG that does not exist; of several, those that do are read', async () => {
    const missing = await plugin.run(['logs', 'x'], { env: { KUBECONFIG: '/no/such' } });
    expect({ code: missing.code, stderr: missing.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('KUBECONFIG is /no/such: no such file'),
    });
    const both = await plugin.run(['logs', 'x'], { env: { KUBECONFIG: `/no/such${delimiter}${plugin.kubeconfig}` } });
    expect(both.stderr).toContain('there is no ScriptExecution "x"');
  });

  test('an unknown context', async () => {
    const { code, stderr } = await plugin.run(['logs', 'x', '--context', 'prod']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('no context "prod"; it has test') });
  });

  test('a cluster that does not answer', async () => {
    const port = await closedPort();
    const config = {
      clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}` } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: {} }],
      'current-context': 'x',
    };
    plugin.write('away', JSON.stringify(config));
    const { code, stderr } = await plugin.run(['explain', 'x', '--kubeconfig', 'away']);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`no answer from the cluster at 127.0.0.1:${port}: .*\n.*--context`));
  });

  test('credentials that are not accepted', async () => {
    using stranger = new Plugin(cluster.namespace, 'no-token-of-this-cluster');
    const { code, stderr } = await stranger.run(['logs', 'x']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('does not accept your credentials') });
  });

  test('a right that the user does not have', async () => {
    using reader = new Plugin(cluster.namespace, await makeUser(cluster.api, cluster.namespace, 'copepod-view'));
    reader.write('a.js', '1');
    const { code, stdout, stderr } = await reader.run(['run', 'a.js']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/cannot create resource "scriptexecutions"/);
    expect(stderr).toMatch(/kubectl auth can-i create scriptexecutions\.copepod\.dev -n scripts-\w+; .*copepod-edit/);
  });

  test('names: none in the namespace, or those that there are', async () => {
    const none = await plugin.run(['logs', 'x', '-n', 'default']);
    expect(none.stderr).toMatch(/there are none in this namespace; -n names another/);
    for (const name of ['alpha', 'beta']) await cluster.executions.create(name, { source: '1', suspend: true });
    const some = await plugin.run(['logs', 'something-else']);
    expect(some.stderr).toContain('there are: alpha, beta');
  });
});

describe('help', () => {
  test.each([
    [[]],
    [['--help']],
    [['run', '--help']],
    [['logs', '--help']],
    [['cancel', '--help']],
    [['rerun', '--help']],
    [['explain', '--help']],
    [['top', '--help']],
  ])('%j exits with 0 on standard output', async (args) => {
    const { code, stdout, stderr } = await plugin.run(args);
    expect(stdout).toMatch(/^Usage: kubectl copepod/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('kubectl', () => {
  test('finds the plugin by its name', async () => {
    await cluster.executions.create('found', { source: '1', suspend: true });
    const answer = await plugin.kubectl('copepod', 'explain', 'found', '-o', 'json');
    expect(JSON.parse(answer)).toMatchObject({ name: 'found', state: 'waiting' });
  });

  test.each<[string, string[], RegExp]>([
    ['commands', ['ex'], /^explain\t?.*\n:4\n/],
    ['names of executions', ['logs', 'comp'], /^completed-1\n:4\n/],
    ['names of runtimes', ['run', '--runtime', ''], /^completed-runtime\n:4\n/],
    ['contexts', ['run', '--context', ''], /^test\n:4\n/],
    ['namespaces', ['logs', '-n', 'scripts-'], /^(scripts-\w+\n)+:4\n/],
    ['nothing in a namespace without executions', ['logs', '-n', 'no-such', ''], /^:4\n/],
  ])('completes %s', async (_, words, expected) => {
    await cluster.api.apply(named('ScriptExecution', 'completed-1', { source: '1', suspend: true }));
    await cluster.makeRuntime('completed-runtime');
    expect(await plugin.kubectl('__complete', 'copepod', ...words)).toMatch(expected);
  });
});

const named = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind,
  metadata: { name, namespace: cluster.namespace },
  spec,
});
