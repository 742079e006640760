// One lane of a contestant: a process that runs scripts synchronously, one after the other.
import type { LaneOrder, LaneReport, PrepareLane, RunOnce } from './lanes.ts';
import { scenarioNamed } from './scenarios/index.ts';
import { verify } from './workload.ts';

const [contestantUrl = '', lane = '0'] = process.argv.slice(2);
const { prepareLane } = (await import(contestantUrl)) as { prepareLane: PrepareLane };

// Lanes never share an index, so that scripts that must be uncached are new.
let nextIndex = Number(lane) * 1e9;
let ready: { scenario: string; run: RunOnce } | undefined;

async function loop({ scenario, durationMs }: LaneOrder): Promise<LaneReport> {
  const workload = scenarioNamed(scenario);
  if (ready?.scenario !== scenario) ready = { scenario, run: await prepareLane(JSON.stringify(workload.params)) };
  const { run } = ready;
  const latenciesMs: number[] = [];
  const start = performance.now();
  let now = start;
  while (now - start < durationMs) {
    const index = nextIndex++;
    const source = workload.source(index);
    const before = performance.now();
    const result = run(source, workload.reuse);
    now = performance.now();
    latenciesMs.push(now - before);
    verify(workload, index, result);
  }
  return { elapsedMs: now - start, latenciesMs };
}

process.on('message', (order: LaneOrder) => {
  loop(order).then(
    (report) => process.send?.(report),
    (error: Error) => process.send?.({ elapsedMs: 0, latenciesMs: [], error: error.message } satisfies LaneReport),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
