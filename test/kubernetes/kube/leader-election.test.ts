import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LeaderElector } from '../../../src/kube/leader-election.ts';
import { type Leadership, LeadershipLostError } from '../../../src/kube/leadership.ts';
import { CONFIG_MAPS, LEASES } from '../../../src/kube/resources.ts';
import { TestClient } from '../../api-server/client.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { until } from '../../support/until.ts';
import { clientOf, serverPort } from './support/clients.ts';
import { startTcpProxy } from './support/tcp-proxy.ts';

const SLOW_MS = 60_000;
const times = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 400 };

const api = new TestClient();
const client = await clientOf();
let namespace: string;
beforeEach(async () => {
  namespace = await api.namespace('election');
});
afterAll(() => {
  client.close();
  api.close();
});

const name = 'lease';
const readLease = () => client.get(LEASES, { namespace, name });
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

describe('two processes in one election', () => {
  const processes: ChildProcess[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'copepod-election-'));
  afterEach(() => {
    for (const each of processes.splice(0)) each.kill('SIGKILL');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const file = (): string => join(directory, namespace);

  /** The leaders and their epochs, in the order of their writes. */
  const written = (): string[] => {
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
    return lines.filter((line, index) => line !== lines[index - 1]);
  };

  interface Elector {
    readonly process: ChildProcess;
    readonly said: Record<string, unknown>[];
    says(what: Record<string, unknown>): Promise<void>;
    leads(): Promise<number>;
  }

  function elector(identity: string): Elector {
    const script = fileURLToPath(new URL('support/elector.ts', import.meta.url));
    const kubeconfig = join(currentConnection().directory, 'kubeconfig');
    const child = spawn(process.execPath, [script, kubeconfig, namespace, name, identity, file()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
    const said: Record<string, unknown>[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)));
    const has = (what: object): boolean =>
      said.some((each) => Object.entries(what).every(([key, value]) => each[key] === value));
    return {
      process: child,
      said,
      says: (what) => until(`${identity} to say ${JSON.stringify(what)}, not ${JSON.stringify(said)}`, () => has(what)),
      async leads() {
        await until(`${identity} to lead`, () => said.some(({ leads }) => leads !== undefined));
        return said.findLast(({ leads }) => leads !== undefined)?.leads as number;
      },
    };
  }

  test(
    'a paused leader is replaced, and writes nothing when it resumes',
    async () => {
      const one = elector('one');
      const first = await one.leads();
      const two = elector('two');
      await two.says({ ready: true });
      await sleep(1500);
      expect(two.said).toHaveLength(1);

      one.process.kill('SIGUSR2');
      const second = await two.leads();
      expect(second).toBeGreaterThan(first);
      await sleep(500);
      one.process.kill('SIGCONT');
      await one.says({ ended: first, lost: true });
      await sleep(1000);
      two.process.kill('SIGTERM');
      await two.says({ over: true });

      // The first has the lease again, in an epoch of its own.
      const ledAgain = () => one.said.find(({ leads }) => typeof leads === 'number' && leads > second)?.leads;
      await until('one to lead again', () => ledAgain() !== undefined);
      await until('one to write again', () => written().length >= 3);
      expect(written()).toEqual([`${first} one`, `${second} two`, `${ledAgain()} one`]);
    },
    SLOW_MS,
  );

  test(
    'a leader that shuts down is replaced within a retry period; one that is killed, once its lease has expired',
    async () => {
      const one = elector('one');
      const first = await one.leads();
      const two = elector('two');
      await two.says({ ready: true });
      await sleep(500);

      one.process.kill('SIGTERM');
      await one.says({ over: true });
      const releasedAt = performance.now();
      const second = await two.leads();
      expect(second).toBeGreaterThan(first);
      expect(performance.now() - releasedAt).toBeLessThan(times.leaseDurationMs);

      const three = elector('three');
      await three.says({ ready: true });
      await sleep(500);
      two.process.kill('SIGKILL');
      await once(two.process, 'exit');
      const third = await three.leads();
      expect(third).toBeGreaterThan(second);
      await until('three to write', () => written().length === 3);
      expect(written()).toEqual([`${first} one`, `${second} two`, `${third} three`]);
    },
    SLOW_MS,
  );
});

describe('a leader', () => {
  test('leads until it is stopped, renews the lease until its work has finished, and then releases it', async () => {
    const elector = new LeaderElector({ client, namespace, name, ...times });
    const stop = new AbortController();
    const seen: unknown[] = [];
    await elector.run(async ({ epoch, signal }) => {
      const { spec } = await readLease();
      seen.push(spec?.holderIdentity === elector.identity, spec?.leaseTransitions === epoch);
      setTimeout(() => stop.abort(new Error('shutting down')), 10);
      await untilAborted(signal);
      const { spec: before } = await readLease();
      await sleep(1000); // longer than a retry period
      const { spec: after } = await readLease();
      seen.push(after?.renewTime !== before?.renewTime, after?.holderIdentity === elector.identity);
    }, stop.signal);
    expect(seen).toEqual([true, true, true, true]);
    expect((await readLease()).spec).not.toHaveProperty('holderIdentity');
    expect(elector.leader).toBe(elector.identity);
  });

  test('takes the lease of a process that has certainly exited at once, in a new epoch', async () => {
    const spec = { holderIdentity: 'dead', leaseDurationSeconds: 3600, leaseTransitions: 7 };
    await client.create(LEASES, { metadata: { namespace, name }, spec });
    const hasEnded = (identity: string): boolean => identity === 'dead';
    const elector = new LeaderElector({ client, namespace, name, ...times, hasEnded });
    const epochs: number[] = [];
    await elector.run(async ({ epoch }) => void epochs.push(epoch), AbortSignal.timeout(SLOW_MS));
    expect(epochs[0]).toBeGreaterThan(7);
  });

  test('that returns ends the elector; its error is thrown, and the lease is released in both cases', async () => {
    const stop = new AbortController();
    const elector = new LeaderElector({ client, namespace, name, ...times });
    let first = 0;
    await elector.run(async ({ epoch }) => {
      first = epoch;
    }, stop.signal);
    const failing = elector.run(async ({ epoch }) => {
      throw new Error(`failed in a ${epoch > first ? 'later' : 'former'} epoch`);
    }, stop.signal);
    await expect(failing).rejects.toThrow('failed in a later epoch');
    expect((await readLease()).spec).not.toHaveProperty('holderIdentity');
  });

  test('loses its term at once when its lease is deleted or taken over', async () => {
    for (const harm of ['delete', 'take'] as const) {
      const stop = new AbortController();
      const elector = new LeaderElector({ client, namespace, name, ...times });
      const terms: Leadership[] = [];
      const running = elector.run(async (leadership) => {
        terms.push(leadership);
        if (terms.length > 1) return;
        if (harm === 'delete') await client.delete(LEASES, { namespace, name });
        else {
          const lease = await readLease();
          const spec = { ...lease.spec, holderIdentity: 'thief', leaseDurationSeconds: 1 };
          await client.replace(LEASES, { ...lease, spec });
        }
        await untilAborted(leadership.signal);
      }, stop.signal);
      await running;
      expect(terms).toHaveLength(2);
      expect(terms[0]?.signal.reason).toBeInstanceOf(LeadershipLostError);
      expect(terms[1]?.epoch).toBeGreaterThan(terms[0]?.epoch ?? Infinity);
    }
  });

  test('keeps its term when its lease is labelled', async () => {
    const stop = new AbortController();
    const elector = new LeaderElector({ client, namespace, name, ...times });
    let held = false;
    await elector.run(async (leadership) => {
      await client.jsonPatch(LEASES, { namespace, name }, [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }]);
      await sleep(2500);
      held = leadership.held;
    }, stop.signal);
    expect(held).toBe(true);
    expect((await readLease()).metadata.labels).toEqual({ a: 'b' });
  });

  test('that cannot reach the API server loses its term at the deadline, writes nothing after it, and leads again in a later epoch', async () => {
    const proxy = await startTcpProxy(serverPort());
    const wired = await clientOf({ port: proxy.port });
    const stop = new AbortController();
    const elector = new LeaderElector({ client: wired, namespace, name, ...times });
    const epochs: number[] = [];
    let refusal: unknown;
    let afterMs = 0;
    await elector.run(async (leadership) => {
      epochs.push(leadership.epoch);
      if (epochs.length === 2) return;
      proxy.freeze(true);
      const startedAt = performance.now();
      await untilAborted(leadership.signal);
      afterMs = performance.now() - startedAt;
      const guarded = client.guardedBy(leadership); // its own connection works
      refusal = await guarded.create(CONFIG_MAPS, { metadata: { name: 'late', namespace } }).catch((error) => error);
      proxy.freeze(false);
      proxy.cut();
    }, stop.signal);
    expect(afterMs).toBeLessThan(times.leaseDurationMs);
    expect(refusal).toBeInstanceOf(LeadershipLostError);
    expect(epochs[1]).toBeGreaterThan(epochs[0] ?? Infinity);
    expect(await client.find(CONFIG_MAPS, { namespace, name: 'late' })).toBeUndefined();
    wired.close();
    await proxy.close();
  });
});

test.each([
  ['lease shorter than its deadline', { ...times, renewDeadlineMs: 3000 }],
  ['deadline shorter than a period', { ...times, retryPeriodMs: 1900 }],
  ['lease of half seconds', { ...times, leaseDurationMs: 3500 }],
])('an elector with a %s is refused', (_, wrong) => {
  expect(() => new LeaderElector({ client, namespace: 'n', name, ...wrong })).toThrow(
    'leaseDurationMs must be whole seconds',
  );
});
