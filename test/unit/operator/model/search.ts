import fc from 'fast-check';
import type { Mutation } from './mutations.ts';
import { type Schedule, schedules, told } from './schedule.ts';
import { shorten } from './shorten.ts';
import { type Played, simulate } from './simulation.ts';

export interface Search {
  readonly seed: number;
  /** Maximum number of schedules. */
  readonly most: number;
  /** Maximum duration; default: unlimited. */
  readonly forMs?: number | undefined;
}

export interface Found {
  /** Totals of all simulations, including those for shortening. */
  readonly schedules: number;
  readonly steps: number;
  readonly starts: number;
  readonly counterexample: Counterexample | undefined;
}

export interface Counterexample {
  readonly schedule: Schedule;
  readonly played: Played;
}

const BATCH = 50;

/** Searches for a violating schedule, then shortens it. */
export async function search(
  mutation: Mutation,
  { seed, most, forMs = Number.POSITIVE_INFINITY }: Search,
): Promise<Found> {
  const counts = { schedules: 0, steps: 0, starts: 0 };
  const play = async (schedule: Schedule): Promise<Played> => {
    const played = await simulate(schedule, mutation);
    counts.schedules += 1;
    counts.steps += played.steps;
    counts.starts += played.starts;
    return played;
  };
  const endsAt = performance.now() + forMs;
  for (let batch = 0; counts.schedules < most; batch += 1) {
    for (const schedule of fc.sample(schedules, { numRuns: BATCH, seed: seed + batch })) {
      if (performance.now() > endsAt) return { ...counts, counterexample: undefined };
      const { violation } = await play(schedule);
      if (violation === undefined) continue;
      const rule = ruleOf(violation);
      const shortest = await shorten(schedule, async (shorter) => ruleOf((await play(shorter)).violation) === rule);
      const played = await simulate(shortest, mutation);
      return { ...counts, counterexample: { schedule: shortest, played } };
    }
  }
  return { ...counts, counterexample: undefined };
}

/** The violated invariant, without names. */
const ruleOf = (violation: string | undefined): string | undefined => violation?.split(':', 1)[0];

/** A counterexample, readable and as input for `simulate`. */
export function explained({ schedule, played: { story } }: Counterexample): string {
  return [told(schedule), ...story, JSON.stringify(schedule)].join('\n');
}
