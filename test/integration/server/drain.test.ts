import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { descendantsOf } from '../../security/support/processes.ts';
import { until } from '../../support/until.ts';
import { Workspace } from '../support/cli.ts';
import { outcomeOf, type PodOptions, PodProcess, refusalOf, stateOf } from './pod-process.ts';

/** A script that ends once the test writes the file `go`, however busy the machine is. */
const SLOW = 'await test.gate(); "slow"';
const GATE = `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export default {
  test: {
    gate: async () => { while (!existsSync(new URL('go', import.meta.url))) await setTimeout(10); },
  },
};
`;
const FOREVER = 'for (;;);';
const PATIENT: PodOptions = { config: { pool: { size: 2 }, limits: { cpuTime: '30s' } } };

/** A pod that runs this. */
async function running(source: string, options: PodOptions = PATIENT) {
  const pod = await PodProcess.serving(options);
  const answer = pod.run('a.1.1', { source });
  answer.catch(() => {}); // some tests end the pod under it
  await until('the run to start', async () => (await pod.stats()).executions.running === 1);
  return { pod, answer };
}

describe('SIGTERM', () => {
  test('ends a pod that has nothing to do, at once and in good order', async () => {
    await using pod = await PodProcess.serving();
    const children = descendantsOf(pod.child.pid as number);
    expect(children.length).toBeGreaterThan(0);
    pod.child.kill('SIGTERM');
    expect(await pod.exited).toBe(0);
    expect(pod.log.filter(({ state }) => state !== undefined).map(({ state }) => state)).toEqual([
      'Serving',
      'Draining',
      'Stopping',
      'Stopped',
    ]);
    await until('the processes to end', async () => children.every((pid) => !isRunning(pid)));
    expect([pod.noise, pod.stderr]).toEqual([[], '']);
  });

  test('ends a pod whose counts the operator has read before one whose counts it has not', async () => {
    await using read = await PodProcess.serving();
    await using unread = await PodProcess.serving();
    for (const pod of [read, unread]) {
      await pod.run('a.1.1');
      await pod.acknowledge('a.1.1');
    }
    const ended: PodProcess[] = [];
    for (const pod of [unread, read]) pod.child.kill('SIGTERM');
    await read.logged(({ message }) => message === 'draining');
    expect(await read.stats()).toMatchObject({ draining: true, executions: { total: 1 } });
    await Promise.all([unread, read].map((pod) => pod.exited.then(() => ended.push(pod))));
    expect(ended.map((pod) => (pod === read ? 'read' : 'unread'))).toEqual(['read', 'unread']);
  });

  test('leaves a pod to refuse runs until the operator has read that it drains', async () => {
    await using pod = await PodProcess.serving();
    expect(await pod.stats()).toMatchObject({ draining: false });
    pod.child.kill('SIGTERM');
    await pod.logged(({ message }) => message === 'draining');
    await sleep(500); // ends of its own within a tenth of a second, if at all
    expect(refusalOf(await pod.run('a.1.1'))).toEqual([503, 'Draining']);
    expect(await pod.stats()).toMatchObject({ draining: true });
    expect(await pod.exited).toBe(0);
  });

  test('lets what runs finish, refuses what is new, and waits until every outcome is acknowledged', async () => {
    using files = new Workspace({ 'host.mjs': GATE });
    const { pod, answer } = await running(SLOW, { ...PATIENT, args: ['--host-functions', `${files.path}/host.mjs`] });
    await using _ = pod;
    await pod.run('b.1.1');
    await pod.run('c.1.1');
    await pod.acknowledge('c.1.1');
    pod.child.kill('SIGTERM');
    await pod.logged(({ message }) => message === 'draining');

    expect((await pod.open('/readyz')).status).toBe(503);
    expect((await pod.open('/healthz')).status).toBe(200);
    expect((await pod.open('/metrics')).text).toContain('copepod_ready 0');
    expect(refusalOf(await pod.run('d.1.1'))).toEqual([503, 'Draining']);
    expect(await pod.stats()).toMatchObject({
      draining: true,
      ready: false,
      unacknowledged: 1,
      executions: { running: 1 },
    });
    expect(stateOf(await pod.get('a.1.1'))).toEqual({ state: 'running' });
    expect(refusalOf(await pod.run('c.1.1'))).toEqual([410, 'Acknowledged']);

    files.write('go', '');
    expect(outcomeOf(await answer).result).toBe('slow');
    expect(outcomeOf(await pod.run('a.1.1')).result).toBe('slow');
    expect((await pod.acknowledge('b.1.1')).status).toBe(204);
    expect(pod.child.exitCode).toBeNull();
    expect((await pod.acknowledge('a.1.1')).status).toBe(204);
    expect(await pod.exited).toBe(0);
    expect(pod.log.some(({ message }) => message === 'grace period over: remaining runs and outcomes are lost')).toBe(
      false,
    );
  });

  test('cancels still end runs', async () => {
    const { pod, answer } = await running(FOREVER);
    await using _ = pod;
    pod.child.kill('SIGTERM');
    await pod.logged(({ message }) => message === 'draining');
    await pod.cancel('a.1.1');
    expect(outcomeOf(await answer).reason).toBe('Cancelled');
    await pod.acknowledge('a.1.1');
    expect(await pod.exited).toBe(0);
  });

  test('waits no longer than the grace period, and tells nobody a wrong end of what it ends', async () => {
    const { pod, answer } = await running(FOREVER, { ...PATIENT, env: { COPEPOD_GRACE_SECONDS: '1' } });
    await using _ = pod;
    const children = descendantsOf(pod.child.pid as number);
    pod.child.kill('SIGTERM');
    await expect(answer).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await pod.exited).toBe(0);
    expect(
      pod.log.find(({ message }) => message === 'grace period over: remaining runs and outcomes are lost'),
    ).toMatchObject({
      active: 1,
      unacknowledged: 0,
    });
    expect(pod.log.find(({ message }) => message === 'run finished')).toMatchObject({ reason: 'SandboxLost' });
    await until('the processes to end', async () => children.every((pid) => !isRunning(pid)));
  });

  test('keeps outcomes that nobody fetches until the grace period is over', async () => {
    await using pod = await PodProcess.serving({ env: { COPEPOD_GRACE_SECONDS: '1' } });
    await pod.run('a.1.1');
    pod.child.kill('SIGTERM');
    await pod.logged(({ message }) => message === 'draining');
    expect(outcomeOf(await pod.get('a.1.1')).reason).toBe('Completed');
    expect(await pod.exited).toBe(0);
    expect(
      pod.log.find(({ message }) => message === 'grace period over: remaining runs and outcomes are lost'),
    ).toMatchObject({
      active: 0,
      unacknowledged: 1,
    });
  });

  test('sent twice ends everything at once', async () => {
    const { pod } = await running(FOREVER);
    await using _ = pod;
    const children = descendantsOf(pod.child.pid as number);
    pod.child.kill('SIGTERM');
    await pod.logged(({ message }) => message === 'draining');
    pod.child.kill('SIGTERM');
    expect(await pod.exited).toBe(143);
    await until('the processes to end', async () => children.every((pid) => !isRunning(pid)));
  });
});

test('SIGINT does as SIGTERM', async () => {
  await using pod = await PodProcess.serving();
  pod.child.kill('SIGINT');
  expect(await pod.exited).toBe(0);
});

test('a pod that is told to end before it serves ends', async () => {
  await using pod = await PodProcess.start();
  pod.child.kill('SIGTERM');
  expect(await pod.exited).toBe(0);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
