import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Cluster } from '../operator/support/cluster.ts';
import { Kubelet } from './support/kubelet.ts';
import { Plugin } from './support/plugin.ts';
import { makeUser } from './support/user.ts';

// Each command is a process that loads the Kubernetes client: seconds, on a busy machine.
jest.setTimeout(240_000);

let cluster: Cluster;
let kubelet: Kubelet;
let plugin: Plugin;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 4 }, limits: { timeout: '10m' } });
  const pod = await cluster.startPod();
  kubelet = await Kubelet.start(cluster.api, new Map([[pod.name, pod.process]]));
  plugin = new Plugin(cluster.namespace);
}, 120_000);
afterAll(async () => {
  plugin?.[Symbol.dispose]();
  await cluster?.close();
  await kubelet?.close();
});

/** A script that logs before and after it waits at a gate. */
const logging = (name: string): string =>
  `export default async () => { console.log('before'); console.warn('\\u001b[31mred'); await gate('${name}'); console.log('after'); return '${name} is done'; }`;

describe('the log of an execution that runs', () => {
  test('comes from the log of its pod as the script writes it, and each line once', async () => {
    await cluster.executions.create('live', { source: logging('live') });
    const following = plugin.start(['logs', '-f', 'live']);
    await following.waitFor(/^info {2}before$/m, /^warn {2}\\x1b\[31mred$/m);
    cluster.journal.open('live');
    const { code, stdout } = await following.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'info  before\nwarn  \\x1b[31mred\ninfo  after\n' });
  });

  test('is shown by run too, on standard error', async () => {
    plugin.write('live-run.js', logging('live-run'));
    const running = plugin.start(['run', 'live-run.js']);
    await running.waitFor(/^info {2}before$/m);
    cluster.journal.open('live-run');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '"live-run is done"\n' });
    expect(stderr.match(/^(info|warn) .*$/gm)).toEqual(['info  before', 'warn  \\x1b[31mred', 'info  after']);
  });

  test('is printed as far as it is without -f', async () => {
    await cluster.executions.create('half', { source: logging('half') });
    await cluster.executions.reaches('half', 'Running');
    const following = plugin.start(['logs', '-f', 'half']);
    await following.waitFor(/red/);
    const { code, stdout } = await plugin.run(['logs', 'half']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'info  before\nwarn  \\x1b[31mred\n' });
    cluster.journal.open('half');
    await following.ended;
  });

  test('comes with the outcome for a user without the right to read logs of pods', async () => {
    const token = await makeUser(cluster.api, cluster.namespace, 'copepod-edit');
    using theirs = new Plugin(cluster.namespace, token);
    theirs.write('theirs.js', logging('theirs'));
    const running = theirs.start(['run', 'theirs.js']);
    await running.waitFor(/you may not get pods\/log/);
    cluster.journal.open('theirs');
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr.match(/^(info|warn) .*$/gm)).toEqual(['info  before', 'warn  \\x1b[31mred', 'info  after']);
  });
});
