import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Load } from './closed-loop.ts';
import type { Engine } from './contestant.ts';
import { type Sample, summarise } from './statistics.ts';

/** Runs a script in fresh state, synchronously, and returns its result as JSON. `reuse`: keep compiled code. */
export type RunOnce = (source: string, reuse: boolean) => string;

/** The export of a contestant that runs in lanes: prepares for scripts with these params. */
export type PrepareLane = (paramsJson: string) => Promise<RunOnce>;

/** Tells a lane to run for a time. */
export interface LaneOrder {
  readonly scenario: string;
  readonly durationMs: number;
}

export interface LaneReport {
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
  readonly error?: string;
}

/**
 * One process per lane, each looping synchronously without messages per execution. The upper bound of an in-process
 * engine on this machine; any server in front of it adds overhead.
 */
export async function startLanes(contestantUrl: string, lanes: number): Promise<Engine> {
  const children = Array.from({ length: lanes }, (_, lane) =>
    fork(new URL('./lane.ts', import.meta.url), [contestantUrl, String(lane)]),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    measure: (workload, load) => measure(children.slice(0, load.concurrency), workload.name, load),
    close: async () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

async function measure(children: readonly ChildProcess[], scenario: string, load: Load): Promise<Sample> {
  const order: LaneOrder = { scenario, durationMs: load.durationMs };
  const reports = await Promise.all(children.map((child) => ask(child, order)));
  const elapsedMs = Math.max(...reports.map((report) => report.elapsedMs));
  return summarise(
    load.concurrency,
    elapsedMs,
    reports.flatMap((report) => report.latenciesMs),
  );
}

async function ask(child: ChildProcess, order: LaneOrder): Promise<LaneReport> {
  const answer = once(child, 'message') as Promise<[LaneReport]>;
  const death = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`a lane exited with ${signal ?? code}`);
  });
  child.send(order);
  const [report] = await Promise.race([answer, death]);
  if (report.error !== undefined) throw new Error(report.error);
  return report;
}
