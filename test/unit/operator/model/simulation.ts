import { runDigest } from '../../../../src/api/digest.ts';
import { keyOf } from '../../../../src/kube/object.ts';
import { isFinished } from '../../../../src/operator/executions/finished.ts';
import { Chance } from './chance.ts';
import { durationMs, happen } from './happen.ts';
import type { Mutation } from './mutations.ts';
import type { Schedule } from './schedule.ts';
import { VirtualTime } from './virtual-time.ts';
import { World } from './world.ts';

export interface Played {
  /** The violation, if any. */
  readonly violation: string | undefined;
  /** The events, one per line. */
  readonly story: readonly string[];
  /** Number of steps: messages, timers, faults. */
  readonly steps: number;
  /** Number of script starts. */
  readonly starts: number;
}

/** By this time there is a leader, and the pods are warm. */
const SETTLED_AFTER_MS = 3000;
/** After the last fault everything finishes within this time: a timeout, 30 s, an election, orphans, retries. */
const CALM_MS = 300_000;
const STEPS_BETWEEN_LOOKS = 20;

/** Simulates a schedule until everything has finished, or until a violation. */
export async function simulate(schedule: Schedule, mutation: Mutation = {}): Promise<Played> {
  const chance = new Chance(schedule.seed);
  const time = new VirtualTime(() => chance.fraction('random'));
  return await time.rule(() => play(new World(schedule, mutation, time, chance), schedule));
}

async function play(world: World, { moments }: Schedule): Promise<Played> {
  const { time, network, invariants } = world;
  while (time.now < SETTLED_AFTER_MS) await time.step();
  let steps = 0;
  let calmAt = 0;
  let stepsSinceEvent = 0;
  for (let next = 0; invariants.violation === undefined; steps += 1) {
    const moment = moments[next];
    if (moment !== undefined && stepsSinceEvent >= moment.after) {
      happen(world, moment.event);
      calmAt = Math.max(calmAt, time.now + durationMs(moment.event));
      next += 1;
      stepsSinceEvent = 0;
      continue;
    }
    await time.step();
    stepsSinceEvent += 1;
    if (moment !== undefined || steps % STEPS_BETWEEN_LOOKS !== 0 || time.now < calmAt) continue;
    network.clear();
    const open = stillOpen(world);
    if (open === undefined) break;
    if (time.now > calmAt + CALM_MS) invariants.violated(`all comes to an end: ${open}`);
  }
  return { violation: invariants.violation, story: invariants.story, steps, starts: invariants.startsInAll };
}

/** An unfinished item, if any. */
function stillOpen({ network, api, pods, election }: World): string | undefined {
  if (network.underWay > 0) return 'a message is under way';
  for (const execution of api.executions.list()) {
    const { status, spec, metadata } = execution;
    const isOver = isFinished(status) && (spec.cancel || status.runDigest === runDigest(spec));
    if (!isOver) return `${keyOf(execution)} has no end: ${JSON.stringify(status.conditions?.[0])}`;
    if (status.observedGeneration !== metadata.generation) return `${keyOf(execution)} is not observed`;
  }
  for (const { name, isThere, life } of pods) {
    if (!isThere || life === undefined) continue;
    const { active, unacknowledged } = life.ledger;
    if (active + unacknowledged > 0) return `${name} keeps ${active} runs and ${unacknowledged} outcomes`;
  }
  const { leader } = election;
  if (leader?.leads === undefined) return 'nobody leads';
  return leader.isIdle ? undefined : `${leader.name} still follows something, or keeps a place`;
}
