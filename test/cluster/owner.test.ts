import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let directory: string;
let state: string;
let env: NodeJS.ProcessEnv;
const running: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'copepod-owner-'));
  state = join(directory, 'state/cluster');
  mkdirSync(join(directory, 'bin'));
  mkdirSync(join(directory, 'cache'));
  // A borrowed cluster, so that bringing it up and taking it down writes and removes its state alone.
  const kubectl = join(directory, 'bin/kubectl');
  writeFileSync(kubectl, '#!/bin/sh\necho ok\n');
  chmodSync(kubectl, 0o755);
  env = {
    ...process.env,
    PATH: `${join(directory, 'bin')}:${process.env.PATH}`,
    CLUSTER: 'existing',
    COPEPOD_CLUSTER_STATE: state,
    COPEPOD_CACHE: join(directory, 'cache'),
  };
});
afterEach(() => {
  for (const { pid, exitCode, signalCode } of running.splice(0)) {
    if (exitCode === null && signalCode === null) process.kill(-(pid as number), 'SIGKILL');
  }
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a program as a process group, as a terminal does. */
function start(command: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...env, ...more },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    timeout: 50_000,
  });
  running.push(child);
  const seen = { said: '', child };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (seen.said += text));
  return seen;
}

async function run(command: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const seen = start(command, more);
  const [code] = await once(seen.child, 'close');
  expect([code, seen.said]).toEqual([0, seen.said]);
  return seen.said;
}

const cluster = (command: 'up' | 'down', owner?: string): Promise<string> =>
  run([script('cluster.sh'), command], owner === undefined ? {} : { COPEPOD_CLUSTER_OWNER: owner });
const isUp = (): boolean => existsSync(join(state, 'up'));

describe('a cluster', () => {
  test('is taken down by the run that has brought it up, and by no other', async () => {
    await cluster('up', 'one');
    await cluster('up', 'other');
    expect(await cluster('down', 'other')).toContain('stays up');
    expect(isUp()).toBe(true);
    await cluster('down', 'one');
    expect(isUp()).toBe(false);
  });

  test('that was there before a run stays up after it', async () => {
    await cluster('up');
    await cluster('up', 'one');
    await cluster('down', 'one');
    expect(isUp()).toBe(true);
  });

  test('of a run stays up where it has been asked for since', async () => {
    await cluster('up', 'one');
    await cluster('up');
    await cluster('down', 'one');
    expect(isUp()).toBe(true);
    await cluster('down');
    expect(isUp()).toBe(false);
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a run that waits for the cluster of another, and ends by %s, does not take that down',
  async (signal) => {
    const lock = join(directory, 'cache/cluster.lock');
    const holder = start(['flock', lock, 'sh', '-c', 'echo held >&2; exec sleep 40']);
    await until('the lock to be held', () => holder.said.includes('held'));
    const waiting = start([script('with-operator.sh'), 'true']);
    await until('the run to wait', () => waiting.said.includes('waiting for it'));
    mkdirSync(state, { recursive: true });
    for (const [name, text] of Object.entries({ 'kind-of-cluster': 'existing', kubeconfig: '', up: '' })) {
      writeFileSync(join(state, name), text);
    }
    process.kill(-(waiting.child.pid as number), signal);
    process.kill(-(holder.child.pid as number), 'SIGTERM');
    const [code] = await once(waiting.child, 'close');
    expect([code, waiting.said]).not.toEqual([0, waiting.said]);
    expect(isUp()).toBe(true);
  },
);
