/**
 * Model check of the claim protocol: the real operator and the real ledgers of the pods, with a simulated API server, network
 * and clock, and injected faults. The schedules are the same each time; for others, within a time limit:
 *
 *     COPEPOD_MODEL_MS=600000 npm test -- test/unit/operator/model
 *
 * with COPEPOD_MODEL_SEED to repeat them.
 */
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ONCE_BROKEN } from './once-broken.ts';
import { schedules, told } from './schedule.ts';

// Node's promise-based setTimeout ignores fake clocks.
jest.unstable_mockModule('../../../../src/kube/pause.ts', () => import('./pause.ts'));
const { explained, search } = await import('./search.ts');
const { simulate } = await import('./simulation.ts');
const { MUTATIONS } = await import('./mutations.ts');

const LONG_MS = Number(process.env.COPEPOD_MODEL_MS ?? 0);
const SEED = Number(process.env.COPEPOD_MODEL_SEED ?? (LONG_MS > 0 ? Date.now() % 2 ** 31 : 3));
const SCHEDULES = 300;
/** Every mutation is detected within this number of schedules. */
const SCHEDULES_FOR_A_MUTATION = 800;
const TIME_OUT_MS = 120_000 + LONG_MS;

describe('the claim protocol', () => {
  test(
    'holds under any faults at any time',
    async () => {
      const limit = LONG_MS > 0 ? { most: Number.POSITIVE_INFINITY, forMs: LONG_MS } : { most: SCHEDULES };
      const { counterexample, ...counts } = await search({}, { seed: SEED, ...limit });
      if (counterexample) throw new Error(`${counterexample.played.violation}\n${explained(counterexample)}`);
      if (LONG_MS > 0) process.stdout.write(`${JSON.stringify({ seed: SEED, ...counts })}\n`);
      expect(counts.starts).toBeGreaterThan(counts.schedules); // scripts do start
    },
    TIME_OUT_MS,
  );

  test.each(Object.entries(ONCE_BROKEN))('holds if %s', async (_, schedule) => {
    const { violation, story } = await simulate(schedule);
    if (violation !== undefined) throw new Error([violation, ...story].join('\n'));
  });

  test('is deterministic', async () => {
    for (const schedule of fc.sample(schedules, { numRuns: 10, seed: SEED })) {
      expect(await simulate(schedule)).toEqual(await simulate(schedule));
    }
  });
});

describe('a mutation is detected:', () => {
  test.each(Object.entries(MUTATIONS))(
    '%s',
    async (name, mutation) => {
      const { counterexample, schedules: played } = await search(mutation, { seed: 8, most: SCHEDULES_FOR_A_MUTATION });
      if (counterexample === undefined) throw new Error(`not found in ${played} schedules`);
      const { schedule, played: shortest } = counterexample;
      process.stdout.write(`${name}: after ${played} schedules\n${told(schedule)}\n  ${shortest.violation}\n`);
    },
    TIME_OUT_MS,
  );
});
