import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createRuntime,
  type ExecuteOptions,
  type ExecutionOutcome,
  type HostCall,
  type Runtime,
} from '../../src/index.ts';
import { until } from '../support/until.ts';
import { serveNeighbour } from './support/neighbour.ts';
import { isAlive, ownChildren } from './support/processes.ts';

const LIMITS = { cpuTimeMs: 20_000, timeoutMs: 20_000, apiCalls: 1_000_000 };
/** Maximum time between a cancellation and the end of the execution. */
const PROMPT_MS = 500;

/** A runtime that reports the processes its executions run in. */
function watchedRuntime(size: number) {
  const started: { executionId: string; pid: number }[] = [];
  const runtime = createRuntime({
    pool: { size },
    limits: LIMITS,
    observer: { executionStarted: (event) => started.push(event) },
  });
  return { runtime, started };
}

const RUNNING: readonly [string, string][] = [
  ['in a loop', 'busy(); await 0; for (;;);'],
  ['in a loop that V8 cannot interrupt', 'busy(); await 0; Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'],
  ['in a chain of microtasks', 'busy(); const f = () => Promise.resolve().then(f); await f()'],
  ['waiting for a host function', 'busy(); await never()'],
  ['calling host functions in turn', 'for (;;) await busy()'],
  ['logging', 'busy(); await 0; for (;;) console.log("x".repeat(1000))'],
  ['filling memory slowly', 'const a = []; busy(); await 0; for (;;) { a.push(1); for (let i = 0; i < 1000; i++); }'],
];

describe('a cancelled execution', () => {
  let runtime: Runtime;
  let started: { executionId: string; pid: number }[];
  beforeAll(async () => {
    ({ runtime, started } = watchedRuntime(2));
    await runtime.ready();
  });
  afterAll(() => runtime.close());

  /** Starts a script and resolves once it has called `busy`. */
  function startBusy(
    source: string,
    options: ExecuteOptions = {},
  ): Promise<{ ended: Promise<ExecutionOutcome>; call: HostCall }> {
    return new Promise((resolve) => {
      const ended = runtime.execute(source, {
        context: { tenant: { id: 'attacker' } },
        setup: (host) => {
          host.expose('busy', (call) => void setImmediate(() => resolve({ ended, call })));
          host.expose('never', () => new Promise<never>(() => {}));
        },
        ...options,
      });
    });
  }

  test('does not start if cancelled before', async () => {
    const before = started.length;
    const outcome = await runtime.execute('1', { signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ reason: 'Cancelled', logs: [] });
    expect([outcome.result, outcome.error]).toEqual([undefined, undefined]);
    expect(started.length).toBe(before);
  });

  test('never gets a sandbox if cancelled while it waits', async () => {
    const stopOthers = new AbortController();
    const others = await Promise.all(
      [1, 2].map(() => startBusy('busy(); await 0; for (;;);', { signal: stopOthers.signal })),
    );
    const before = started.length;
    const cancel = new AbortController();
    const waiting = runtime.execute('1', { signal: cancel.signal });
    const behind = serveNeighbour(runtime);
    setTimeout(() => cancel.abort(), 20);
    expect((await waiting).reason).toBe('Cancelled');
    expect(started.length).toBe(before);

    stopOthers.abort();
    for (const { ended } of others) expect((await ended).reason).toBe('Cancelled');
    await behind;
  });

  test.each(RUNNING)('%s finishes at once, and its process is killed', async (_, source) => {
    const cancel = new AbortController();
    const { ended, call } = await startBusy(source, { signal: cancel.signal });
    const pid = started.at(-1)?.pid as number;
    expect(isAlive(pid)).toBe(true);

    const from = performance.now();
    cancel.abort();
    const outcome = await ended;
    expect(performance.now() - from).toBeLessThan(PROMPT_MS);
    expect(outcome.reason).toBe('Cancelled');
    expect([outcome.result, outcome.error]).toEqual([undefined, undefined]);
    expect(call.signal.aborted).toBe(true);
    await until('the process to end', () => !isAlive(pid));
    await serveNeighbour(runtime);
  });

  test('is unchanged if it was finished', async () => {
    const cancel = new AbortController();
    const outcome = await runtime.execute('1', { signal: cancel.signal });
    const pid = started.at(-1)?.pid as number;
    cancel.abort();
    expect(outcome).toMatchObject({ reason: 'Completed', result: 1 });
    await serveNeighbour(runtime);
    expect(isAlive(pid)).toBe(true);
  });

  test('keeps its logs', async () => {
    const cancel = new AbortController();
    const { ended } = await startBusy('console.log("first"); busy(); await never()', { signal: cancel.signal });
    cancel.abort();
    expect((await ended).logs).toMatchObject([{ message: 'first' }]);
  });
});

describe('close()', () => {
  test.each(RUNNING)('cancels an execution %s, and leaves no process', async (_, source) => {
    const { runtime } = watchedRuntime(1);
    await runtime.ready();
    const before = ownChildren();
    let ended: Promise<ExecutionOutcome> | undefined;
    await new Promise<void>((resolve) => {
      ended = runtime.execute(source, {
        setup: (host) => {
          host.expose('busy', () => void resolve());
          host.expose('never', () => new Promise<never>(() => {}));
        },
      });
    });
    const waiting = runtime.execute('1', { tenantKey: 'other' });
    await runtime.close();
    expect([(await ended)?.reason, (await waiting).reason]).toEqual(['Cancelled', 'Cancelled']);
    expect(before.filter(isAlive)).toEqual([]);
    expect(ownChildren().filter((pid) => !before.includes(pid) && isAlive(pid))).toEqual([]);
    await expect(runtime.execute('1')).rejects.toThrow('closed');
  });

  test.each([0, 1, 2, 5, 10, 20, 50, 100, 150])(
    '%i ms after the start leaves no process and no pending promise',
    async (ageMs) => {
      const { runtime } = watchedRuntime(2);
      const first = runtime.execute('1', { tenantKey: 'a' });
      const second = runtime.execute('1', { tenantKey: 'b' });
      await new Promise((resolve) => setTimeout(resolve, ageMs));
      await runtime.close();
      for (const { reason } of await Promise.all([first, second])) expect(['Cancelled', 'Completed']).toContain(reason);
      expect(ownChildren()).toEqual([]);
    },
  );

  test.each([0, 0.5, 1, 2, 3, 5])('%f ms into a change of tenant leaves no pending promise', async (ageMs) => {
    const runtime = createRuntime({ pool: { size: 1, spares: 0, tenantIsolation: 'Isolate' }, limits: LIMITS });
    await runtime.execute('1', { tenantKey: 'a' });
    const other = runtime.execute('1', { tenantKey: 'b' });
    const until = performance.now() + ageMs;
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    await runtime.close();
    expect(['Cancelled', 'Completed']).toContain((await other).reason);
  });

  test('does not wait for a health check', async () => {
    const started: number[] = [];
    const runtime = createRuntime({
      pool: { size: 1, spares: 0, healthIntervalMs: 20 },
      limits: LIMITS,
      observer: { executionStarted: ({ pid }) => started.push(pid) },
    });
    await runtime.execute('1');
    const [pid] = started as [number];
    process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 60));
    await runtime.close();
    expect(isAlive(pid)).toBe(false);
  });
});
