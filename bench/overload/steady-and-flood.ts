import { pause } from '../../src/kube/pause.ts';
import { observeExecution } from '../cluster/executions.ts';
import { userIn } from '../cluster/namespace.ts';
import { OperatorMemory } from '../cluster/operator-memory.ts';
import { withWorkers } from '../cluster/workers.ts';
import { BusyLoop } from './busy-loop.ts';
import { Flood } from './flood.ts';
import { LoadGenerator, type Run } from './load-generator.ts';
import { openLoop } from './open-loop.ts';
import type { PartContext } from './part.ts';
import { RaisedPriority } from './raised-priority.ts';
import type { Side } from './side.ts';

const STALL_LIMIT_MS = 120_000;
const WARM_UP = 20;
const WARM_UP_WORKERS = 4;

/** Latencies of the constant load during one phase. */
export interface Phase {
  readonly name: string;
  readonly runs: readonly Run[];
  /** See BusyLoop. */
  readonly ownDelayP99Ms: number;
}

export interface Round {
  readonly phases: readonly Phase[];
  readonly flood: { readonly count: number; readonly createsPerSecond: number; readonly perSecond: number };
  readonly operatorLagSeconds: number | undefined;
  readonly failures: readonly string[];
}

/** A constant load alone, beside a flood from the other side, and beside the creates of one. */
export async function steadyAndFlood(
  { target, operator, progress, options, signal }: PartContext,
  sides: { readonly steady: Side; readonly flood: Side },
): Promise<Round> {
  const { flood: count, perSecond, seconds } = options.fairness;
  const watch = { observe: observeExecution, stallLimitMs: STALL_LIMIT_MS, signal };
  const generator = { ...watch, ...sides.steady, name: 'steady', keepsTimelines: true };
  using steady = await LoadGenerator.start(userIn(target, sides.steady.namespace), generator);
  using flood = await Flood.start(sides.flood, STALL_LIMIT_MS, signal);
  using _priority = new RaisedPriority();
  using busy = new BusyLoop();
  using memory = new OperatorMemory(target, await operator.leader(signal));

  /** Measures the constant load while the other load runs. */
  const beside = async (name: string, load: () => Promise<unknown>, onSent = (): void => {}): Promise<Stretch> => {
    progress.step(`fairness: ${perSecond} a second ${name}`);
    busy.takeP99Ms();
    const startMs = performance.now();
    let endMs = Number.POSITIVE_INFINITY;
    const goesOn = (): boolean => performance.now() < endMs;
    await Promise.all([
      load().finally(() => {
        endMs = performance.now();
      }),
      openLoop({ perSecond, signal, goesOn }, (dueMs) => {
        void steady.send(dueMs);
        onSent();
      }),
    ]);
    await steady.ended();
    const runs = steady.runs.filter(({ dueMs }) => dueMs >= startMs);
    return { startMs, endMs, runs, ownDelayP99Ms: busy.takeP99Ms() };
  };

  progress.step('fairness: warming up');
  await Promise.all([
    withWorkers(WARM_UP, WARM_UP_WORKERS, () => steady.send().ended),
    flood.send(WARM_UP, WARM_UP_WORKERS),
  ]);

  const alone = await beside('alone', () => pause(seconds * 1000, signal));
  await memory.takePeak();
  let createdMs = Number.POSITIVE_INFINITY;
  const flooding = (): Promise<void> =>
    flood.send(count, options.workers, () => {
      createdMs = performance.now();
    });
  const warmed = flood.ended;
  const flooded = await beside(`beside a flood of ${count}`, flooding, () => progress.at(flood.ended - warmed, count));
  // The API server's own part, which no operator can remove: the flood's creates, with nothing for the operator to do.
  const suspended = await beside(`beside the creates of ${count} that are suspended`, () =>
    flood.createSuspended(count, options.workers),
  );
  const { lagSeconds: operatorLagSeconds } = await memory.takePeak();
  progress.step(`fairness: removing ${2 * count + steady.sent} executions`);
  return {
    phases: [
      { name: 'alone', ...alone },
      { name: 'in the flood', ...flooded },
      { name: '  while it is created', ...flooded, runs: flooded.runs.filter(({ dueMs }) => dueMs < createdMs) },
      { name: '  after that', ...flooded, runs: flooded.runs.filter(({ dueMs }) => dueMs >= createdMs) },
      { name: 'beside creates alone', ...suspended },
    ],
    flood: {
      count,
      createsPerSecond: (count / (createdMs - flooded.startMs)) * 1000,
      perSecond: (count / (flooded.endMs - flooded.startMs)) * 1000,
    },
    operatorLagSeconds,
    failures: [...steady.failures, ...flood.failures],
  };
}

/** Times by `performance.now()`. */
interface Stretch extends Omit<Phase, 'name'> {
  readonly startMs: number;
  readonly endMs: number;
}
