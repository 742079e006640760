import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { until } from '../support/until.ts';
import { descendantsOf, isAlive, ownChildren } from './support/processes.ts';

/** For a longer test: COPEPOD_CLOSES=200. */
const CLOSES = Number(process.env.COPEPOD_CLOSES ?? 12);
const TENANTS = 5;
/** What the runtime needs to come up on this machine, about: it is closed at a random moment until then and after. */
const MAX_LIFE_MS = 900;

let runtime: Runtime | undefined;
afterEach(() => runtime?.close());

/** A small seeded random generator, so that a failure can be reproduced. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Signals all that the runtime has started, or one of it. */
function signalSome(signal: NodeJS.Signals, random: () => number): void {
  const zygotes = ownChildren();
  const all = random() < 0.5 ? zygotes : zygotes.flatMap((pid) => [pid, ...descendantsOf(pid)]);
  const victims = random() < 0.5 ? all : all.slice(0, 1);
  for (const pid of victims) if (isAlive(pid)) process.kill(pid, signal);
}

describe('a runtime that is closed at a random moment', () => {
  test.each<[string, NodeJS.Signals | undefined]>([
    ['as it comes up or works', undefined],
    ['after processes of it have been killed', 'SIGKILL'],
  ])(
    'leaves no process behind: %s',
    async (_, signal) => {
      const random = randomNumbers(11);
      for (let n = 0; n < CLOSES; n++) {
        runtime = createRuntime({ pool: { size: 2, spares: 1 } });
        const outcomes = Array.from({ length: TENANTS }, (_, tenant) =>
          (runtime as Runtime).execute(`export default () => ${tenant}`, { tenantKey: `${tenant}` }),
        );
        await sleep(random() * MAX_LIFE_MS);
        if (signal !== undefined) signalSome(signal, random);
        if (random() < 0.5) await sleep(random() * 50);
        await runtime.close();
        // A process that ends with its zygote may still be on its way out.
        await until('every process to end', () => ownChildren().length === 0);
        for (const { reason } of await Promise.all(outcomes)) {
          expect(['Completed', 'Cancelled', 'SandboxLost']).toContain(reason);
        }
      }
    },
    CLOSES * 5000,
  );

  test('leaves no process behind after its processes have been stopped', async () => {
    for (const victims of ['zygotes', 'sandboxes'] as const) {
      runtime = createRuntime({ pool: { size: 2, spares: 1 } });
      await runtime.execute('1');
      await until('VMs to be ready', () => (runtime as Runtime).metrics().pool.idle >= 2);
      const zygotes = ownChildren();
      const all = [...zygotes, ...zygotes.flatMap(descendantsOf)];
      for (const pid of victims === 'zygotes' ? zygotes : zygotes.flatMap(descendantsOf)) process.kill(pid, 'SIGSTOP');
      await runtime.close();
      await until('every process to end', () => !all.some(isAlive));
    }
  }, 60_000);
});
