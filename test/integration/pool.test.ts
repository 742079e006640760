import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  createRuntime,
  type ExecutionOutcome,
  type Runtime,
  type RuntimeObserver,
  type RuntimeOptions,
  type ScriptSource,
} from '../../src/index.ts';
import { ownDescendants } from '../security/support/processes.ts';
import { isRunning, sandboxes } from './support/engine.ts';

const FILES = { 'a.js': 'export const a = 5', 'a.json': '5' };

type Start = Parameters<NonNullable<RuntimeObserver['executionStarted']>>[0];

let runtime: Runtime | undefined;
const starts: Start[] = [];

async function start(options: RuntimeOptions): Promise<Runtime> {
  starts.length = 0;
  runtime = createRuntime({ ...options, observer: { executionStarted: (event) => starts.push(event) } });
  await runtime.ready();
  return runtime;
}

const run = (tenant: string, source = '1'): Promise<ExecutionOutcome> =>
  (runtime as Runtime).execute(source, { context: { tenant: { id: tenant } } });

const stats = () => (runtime as Runtime).metrics().pool;

/** Waits until as many VMs are idle. */
async function idle(count: number): Promise<void> {
  while (stats().idle < count) await sleep(5);
}

afterEach(async () => {
  await runtime?.close();
  expect(ownDescendants()).toEqual([]);
});

describe('warm spares', () => {
  test('a new tenant gets a process that stood ready before it came', async () => {
    await start({ pool: { size: 2, spares: 1, idleMemoryBytes: 0 } });
    for (const tenant of ['a', 'b', 'c', 'd']) {
      await idle(1);
      while (stats().created - stats().destroyed < 3) await sleep(5);
      await idle(3);
      const ready = sandboxes();
      await run(tenant);
      expect(ready).toContain(starts.at(-1)?.pid);
    }
    expect(new Set(starts.map((event) => event.pid)).size).toBe(4);
  });

  test('a pool has as many processes as its size and spares, when it is left alone', async () => {
    await start({ pool: { size: 2, spares: 1, idleMemoryBytes: 0 } });
    await idle(3);
    expect(sandboxes()).toHaveLength(3);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((tenant) => run(tenant)));
    await idle(3);
    await sleep(50);
    expect(stats()).toMatchObject({ idle: 3, busy: 0, waiting: 0 });
    expect(sandboxes()).toHaveLength(3);
  });

  test('a process that dies while it is idle is replaced', async () => {
    await start({ pool: { size: 1, spares: 0 } });
    const [victim] = sandboxes() as [number];
    process.kill(victim, 'SIGKILL');
    while (isRunning(victim)) await sleep(5);
    expect(await run('a')).toMatchObject({ reason: 'Completed' });
    expect(starts[0]?.pid).not.toBe(victim);
  });
});

describe('VMs of more tenants than run at once', () => {
  const tenants = Array.from({ length: 8 }, (_, i) => `t${i}`);

  test('stay while memory allows: a tenant that comes again finds its process', async () => {
    await start({ pool: { size: 1, spares: 1 } });
    for (const tenant of [...tenants, ...tenants, ...tenants]) await run(tenant);
    const pidsOf = (tenant: string) => new Set(starts.filter((s) => s.tenantKey === tenant).map((s) => s.pid));
    for (const tenant of tenants) expect(pidsOf(tenant).size).toBe(1);
    expect(new Set(starts.map((s) => s.pid)).size).toBe(tenants.length);
    expect(stats().destroyed).toBe(0);
  });

  test('end where they would hold more, the one idle for the longest first', async () => {
    // Less than two processes hold: of those idle, one beyond the size stays.
    await start({ pool: { size: 1, spares: 0, idleMemoryBytes: 9 << 20 } });
    for (const tenant of ['a', 'b', 'c', 'b', 'c', 'a']) await run(tenant);
    const pids = starts.map((s) => s.pid);
    expect(pids.slice(3, 5)).toEqual(pids.slice(1, 3));
    expect(pids[5]).not.toBe(pids[0]);
    while (sandboxes().length > 2) await sleep(5);
    expect(sandboxes()).toHaveLength(2);
  });
});

describe('tenants', () => {
  test('Process: one that comes again gets its own process, one that is new never another’s', async () => {
    await start({ pool: { size: 2, spares: 1, tenantIsolation: 'Process' } });
    for (const tenant of ['a', 'b', 'a', 'b', 'c', 'c', 'a']) await run(tenant);
    const tenants = new Map<number, Set<string>>();
    for (const { pid, tenantKey } of starts) tenants.set(pid, (tenants.get(pid) ?? new Set()).add(tenantKey));
    for (const keys of tenants.values()) expect(keys.size).toBe(1);
    const pids = starts.map((event) => event.pid);
    expect(pids[2]).toBe(pids[0]);
    expect(pids[3]).toBe(pids[1]);
    expect(pids[5]).toBe(pids[4]);
  });

  test('Isolate: processes are shared, isolates are not', async () => {
    await start({ pool: { size: 1, spares: 0, tenantIsolation: 'Isolate' } });
    for (const tenant of ['a', 'a', 'b', 'b', 'a']) expect(await run(tenant)).toMatchObject({ reason: 'Completed' });
    expect(new Set(starts.map((event) => event.pid)).size).toBe(1);
    expect(starts.map((event) => event.isolateId)).toEqual([1, 1, 2, 2, 3]);
    expect(stats()).toMatchObject({ created: 1, destroyed: 0 });
  });

  test('many tenants at once are all served, each in its own processes', async () => {
    await start({ pool: { size: 2 } });
    const tenants = Array.from({ length: 60 }, (_, i) => `t${i % 6}`);
    const outcomes = await Promise.all(tenants.map((tenant) => run(tenant, 'context.tenant.id')));
    expect(outcomes.map((outcome) => outcome.result)).toEqual(tenants);
    const owners = new Map<number, string>();
    for (const { pid, tenantKey } of starts) {
      expect(owners.get(pid) ?? tenantKey).toBe(tenantKey);
      owners.set(pid, tenantKey);
    }
  });

  test('tenants of different keys are different, whatever their id', async () => {
    await start({ pool: { size: 2 } });
    const context = { tenant: { id: 'same' } };
    await runtime?.execute('1', { context, tenantKey: 'one/same' });
    await runtime?.execute('1', { context, tenantKey: 'two/same' });
    expect(starts[0]?.pid).not.toBe(starts[1]?.pid);
  });
});

describe('retiring', () => {
  test('after maxUses executions', async () => {
    await start({ pool: { size: 1, spares: 0, maxUses: 3 } });
    for (let i = 0; i < 7; i++) expect(await run('a')).toMatchObject({ reason: 'Completed' });
    const pids = starts.map((event) => event.pid);
    expect(pids).toEqual([0, 0, 0, 3, 3, 3, 6].map((first) => pids[first]));
    expect(new Set(pids).size).toBe(3);
  });

  test('after each execution where maxUses is 1', async () => {
    await start({ pool: { size: 2, maxUses: 1 } });
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => run('a')));
    expect(outcomes.every((outcome) => outcome.reason === 'Completed')).toBe(true);
    expect(new Set(starts.map((event) => event.pid)).size).toBe(6);
  });

  test('after maxAge', async () => {
    await start({ pool: { size: 1, spares: 0, maxAgeMs: 300 } });
    await run('a');
    await sleep(350);
    await run('a');
    expect(starts[0]?.pid).not.toBe(starts[1]?.pid);
  });

  test('after maxAge also where nobody comes', async () => {
    await start({ pool: { size: 1, spares: 0, maxAgeMs: 300, healthIntervalMs: 50 } });
    const [first] = sandboxes() as [number];
    while (isRunning(first)) await sleep(10);
    await idle(1);
    expect(await run('a')).toMatchObject({ reason: 'Completed' });
  });

  test.each([
    ['throws', 'throw 1', 'RuntimeError', true],
    ['has too large a result', '"x".repeat(40_000)', 'ResultTooLarge', true],
    ['times out', 'for (;;);', 'TimeoutExceeded', false],
    ['waits for ever', 'await new Promise(() => {})', 'TimeoutExceeded', false],
  ])('a process whose script %s is kept: %s', async (_, source, reason, kept) => {
    await start({ pool: { size: 1, spares: 0 }, limits: { timeoutMs: 200 } });
    expect(await run('a', source)).toMatchObject({ reason });
    await run('a');
    expect(starts[0]?.pid === starts[1]?.pid).toBe(kept);
  });

  test.each<[kind: string, script: ScriptSource]>([
    ['a module', { source: 'export default 5' }],
    ['a handler', { source: 'export default () => 5' }],
    ['a module that awaits', { source: 'await 0; export default 5' }],
    ['a module that asks for import.meta', { source: 'export default import.meta.url' }],
    ['a module that imports', { source: 'import { a } from "./a.js"; export default a', files: FILES }],
    ['a JSON module', { source: 'import a from "./a.json" with { type: "json" }; export default a', files: FILES }],
    ['import()', { source: 'export default async () => (await import("./a.js")).a', files: FILES }],
    ['a web handler', { source: 'export default () => new Response("")' }],
  ])('never for what executions of %s leave behind', async (kind, script) => {
    await start({ pool: { size: 1, spares: 0, maxUses: 10_000 } });
    const serve = { request: { url: 'https://shop.example/', method: 'GET', headers: [] }, respond: () => undefined };
    for (let i = 0; i < 250; i++) {
      const outcome = await (runtime as Runtime).execute(script, kind === 'a web handler' ? { serve } : {});
      expect(outcome).toMatchObject({ reason: 'Completed' });
    }
    expect(stats().created).toBe(1);
  });

  test('a health check disturbs nobody', async () => {
    await start({ pool: { size: 2, spares: 1, healthIntervalMs: 5 } });
    for (let i = 0; i < 100; i++) expect(await run('a', '1 + 1')).toMatchObject({ result: 2 });
    expect(stats().destroyed).toBe(0);
  });
});

describe('processes of one zygote', () => {
  test('those forked before cryptography was loaded and later ones do the same, and no two the same at random', async () => {
    await start({ pool: { size: 1, spares: 0, idleMemoryBytes: 0 } });
    const source = `
      const zipped = new Blob(['a'.repeat(100)]).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'));
      const digest = await crypto.subtle.digest('SHA-256', await new Response(zipped).arrayBuffer());
      ({ digest: new Uint8Array(digest).toHex(), random: [crypto.randomUUID(), ...crypto.getRandomValues(new Uint32Array(2))] })`;
    const results: { digest: string; random: unknown[] }[] = [];
    const tenants = Array.from({ length: 12 }, (_, i) => `tenant-${i}`);
    for (const tenant of tenants) {
      const { reason, result } = await run(tenant, source);
      expect(reason).toBe('Completed');
      results.push(result as (typeof results)[number]);
    }
    expect(new Set(starts.map((event) => event.pid)).size).toBe(tenants.length);
    expect(new Set(results.map(({ digest }) => digest))).toEqual(
      new Set([createHash('sha256').update('a'.repeat(100)).digest('hex')]),
    );
    expect(new Set(results.flatMap(({ random }) => random)).size).toBe(3 * tenants.length);
  });
});

describe('a lazy pool', () => {
  test('starts nothing until it is asked, and then no more than it needs', async () => {
    await start({ pool: { size: 4, spares: 0, lazy: true } });
    expect(sandboxes()).toEqual([]);
    await run('a');
    await run('a');
    expect(sandboxes()).toHaveLength(1);
    await Promise.all([run('a'), run('a')]);
    expect(sandboxes().length).toBeLessThanOrEqual(2);
  });

  test('serves many tenants with few processes', async () => {
    await start({ pool: { size: 1, spares: 0, idleMemoryBytes: 0, lazy: true } });
    const outcomes = await Promise.all(
      ['a', 'b', 'a', 'c', 'b', 'a'].map((tenant) => run(tenant, 'context.tenant.id')),
    );
    expect(outcomes.map((outcome) => outcome.result)).toEqual(['a', 'b', 'a', 'c', 'b', 'a']);
    expect(sandboxes()).toHaveLength(1);
  });
});
