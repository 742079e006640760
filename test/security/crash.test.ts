import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createRuntime, type ExecutionOutcome, type Runtime, type RuntimeOptions } from '../../src/index.ts';
import { until } from '../support/until.ts';
import {
  childrenOf,
  descendantsOf,
  isAlive,
  isStopped,
  ownChildren,
  ownZombies,
  startOf,
} from './support/processes.ts';

let runtime: Runtime;
/** Process ids by execution: of running executions, and of all. */
let running: Map<string, number>;
let ranIn: Map<string, number>;
/** What kills processes stops with its test, also with one that takes too long. */
let over = false;
afterEach(async () => {
  over = true;
  await runtime.close();
});

function start(options: RuntimeOptions): void {
  over = false;
  running = new Map();
  ranIn = new Map();
  runtime = createRuntime({
    ...options,
    observer: {
      executionStarted: ({ executionId, pid }) => {
        running.set(executionId, pid);
        ranIn.set(executionId, pid);
      },
    },
  });
}

async function execute(
  id: string,
  source: string,
  params: { n: number; ms: number },
  tenant: string,
): Promise<ExecutionOutcome> {
  const outcome = await runtime.execute(source, {
    params,
    context: { tenant: { id: tenant }, execution: { id } },
    setup: (host) => host.expose('rest', async (_, ms) => sleep(Number(ms), null)),
  });
  running.delete(id);
  return outcome;
}

/** A small seeded random generator, so that a failure can be reproduced. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const SOURCES = [
  'export default ({ n }) => n * 2',
  'export default async ({ n, ms }) => { await rest(ms); return n * 2 }',
  'export default ({ n, ms }) => { for (const end = Date.now() + ms; Date.now() < end; ); return n * 2 }',
];

/** For a longer test: COPEPOD_CRASH_EXECUTIONS=2000. */
const EXECUTIONS = Number(process.env.COPEPOD_CRASH_EXECUTIONS ?? 300);

/** A process to kill: one that a script runs in, or the one that they are forked from and end with. */
function victimOf(kind: 'sandboxes' | 'zygotes', random: () => number): number | undefined {
  const candidates =
    kind === 'sandboxes' ? [...running.values()] : ownChildren().filter((pid) => childrenOf(pid).length > 0);
  return candidates[Math.floor(random() * candidates.length)];
}

/** Kills a process, unless it has ended since it was chosen. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

describe.each([
  ['sandboxes', 'Process'],
  ['sandboxes', 'Isolate'],
  ['sandboxes', 'Execution'],
  ['zygotes', 'Process'],
] as const)('killing random %s under %s', (kind, tenantIsolation) => {
  test(
    'fails exactly the executions in them, each with a classified error',
    async () => {
      const random = randomNumbers(7);
      start({ pool: { size: 3, spares: 1, tenantIsolation } });
      const killed = new Map<number, string | undefined>();
      const killer = (async () => {
        while (!over) {
          await sleep(kind === 'sandboxes' ? 60 : 1000);
          const victim = victimOf(kind, random);
          if (victim === undefined || !isAlive(victim)) continue;
          // A zygote that is stopped forks nothing between the look at its processes and its end.
          if (kind === 'zygotes') process.kill(victim, 'SIGSTOP');
          while (kind === 'zygotes' && !isStopped(victim)) await sleep(1);
          for (const pid of [victim, ...descendantsOf(victim)]) killed.set(pid, startOf(pid));
          kill(victim);
        }
      })();

      const outcomes = new Map<string, ExecutionOutcome>();
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < EXECUTIONS) {
          const n = next++;
          const params = { n, ms: Math.floor(random() * 20) };
          outcomes.set(`${n}`, await execute(`${n}`, SOURCES[n % SOURCES.length] as string, params, `tenant-${n % 2}`));
        }
      };
      await Promise.all([lane(), lane(), lane(), lane(), lane()]);
      over = true;
      await killer;

      expect(outcomes.size).toBe(EXECUTIONS);
      let lost = 0;
      for (const [id, { reason, result, error }] of outcomes) {
        if (reason === 'Completed') {
          expect(result).toBe(Number(id) * 2);
        } else {
          lost++;
          expect({ reason, type: error?.type, retryable: error?.retryable }).toEqual({
            reason: 'SandboxLost',
            type: 'InternalError',
            retryable: true,
          });
          // What compiles it may be among them: then it has run nowhere.
          expect([undefined, ...killed.keys()]).toContain(ranIn.get(id));
        }
      }
      expect(killed.size).toBeGreaterThan(kind === 'sandboxes' ? 5 : 2);
      // A zygote may end while none of its processes runs anything.
      if (kind === 'sandboxes') expect(lost).toBeGreaterThan(0);
      expect(lost).toBeLessThanOrEqual(killed.size);

      // The last kill may be newer than what the pool knows: its processes end first.
      const alive = (): unknown[] => [...killed].filter(([pid, start]) => isAlive(pid) && startOf(pid) === start);
      await until('the killed processes to end', () => alive().length === 0);
      await until('VMs to be ready', () => runtime.metrics().pool.idle >= 3);
      expect(runtime.metrics()).toMatchObject({
        executions: { running: 0, pending: 0 },
        pool: { busy: 0, waiting: 0 },
      });
      await until('the ended processes to be reaped', () => ownZombies().length === 0);
    },
    EXECUTIONS * 600,
  );
});

describe('an idle sandbox', () => {
  test('that is killed is replaced before it is used', async () => {
    start({ pool: { size: 1, spares: 0 } });
    for (let i = 0; i < 5; i++) {
      const outcome = await execute('x', SOURCES[0] as string, { n: i, ms: 0 }, 'a');
      expect(outcome).toMatchObject({ reason: 'Completed', result: i * 2 });
      process.kill(ranIn.get('x') as number, 'SIGKILL');
      const { created } = runtime.metrics().pool;
      await until('VMs to be ready', () => runtime.metrics().pool.created > created);
    }
  });

  test('that stops responding is replaced by the health check', async () => {
    start({ pool: { size: 1, spares: 0, healthIntervalMs: 50 } });
    await execute('x', SOURCES[0] as string, { n: 1, ms: 0 }, 'a');
    const pid = ranIn.get('x') as number;
    process.kill(pid, 'SIGSTOP');
    await until('the process to end', () => !isAlive(pid));
    await until('VMs to be ready', () => runtime.metrics().pool.idle === 1);
    expect(await execute('y', SOURCES[0] as string, { n: 2, ms: 0 }, 'a')).toMatchObject({
      reason: 'Completed',
      result: 4,
    });
  });

  test('that stops responding does not block an execution for ever', async () => {
    start({ pool: { size: 1, spares: 0 }, limits: { timeoutMs: 300 } });
    // JavaScript is compiled by the sandbox first: it is found out before the script runs. TypeScript comes to it compiled.
    for (const [language, reasons] of [
      ['JavaScript', ['Completed']],
      ['TypeScript', ['TimeoutExceeded', 'SandboxLost']],
    ] as const) {
      await execute('x', SOURCES[0] as string, { n: 1, ms: 0 }, 'a');
      const pid = ranIn.get('x') as number;
      process.kill(pid, 'SIGSTOP');
      const outcome = await runtime.execute({ source: '1', language }, { tenantKey: 'a' });
      expect(reasons).toContain(outcome.reason);
      await until('the process to end', () => !isAlive(pid));
    }
  });
});

describe('a script that runs over its stack inside a call of the web platform', () => {
  test.each([
    ['new TextEncoder().encode("some text")'],
    ['crypto.getRandomValues(new Uint8Array(64))'],
    ['new Blob(["some text"])'],
    ['new Response("some text").clone()'],
    ['new TextDecoder("shift_jis").decode(new Uint8Array(64))'],
  ])('is Completed where it catches that: %s', async (call) => {
    start({ pool: { size: 1, spares: 0 }, limits: { timeoutMs: 30_000, cpuTimeMs: 30_000 } });
    const source = `const down = () => { ${call}; down(); }; try { down(); } catch {} 7`;
    const { reason, result, error } = await runtime.execute(source, {});
    expect({ reason, result, error: error?.message }).toEqual({ reason: 'Completed', result: 7, error: undefined });
  });
});
