// The process that drives one contestant through one scenario, so that its resource usage is the contestant's own.
import type { Load } from './closed-loop.ts';
import { CONTESTANTS } from './contestants/index.ts';
import { scenarioNamed } from './scenarios/index.ts';
import type { Sample } from './statistics.ts';

export interface HostOrder {
  readonly contestant: string;
  readonly scenario: string;
  /** Maximum number of concurrent executions. */
  readonly lanes: number;
  readonly warmUpMs: number;
  readonly loads: readonly Load[];
}

export type HostMessage =
  | { readonly kind: 'measuring'; readonly concurrency: number }
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'failed'; readonly message: string };

const order = JSON.parse(process.argv[2] ?? '{}') as HostOrder;
const tell = (message: HostMessage) => process.send?.(message);

// The parent has exited: exit with all child processes.
process.on('disconnect', () => process.exit());

async function drive(): Promise<void> {
  const contestant = CONTESTANTS.find(({ name }) => name === order.contestant);
  if (!contestant) throw new Error(`no contestant ${order.contestant}`);
  const scenario = scenarioNamed(order.scenario);
  const engine = await contestant.start(order.lanes);
  try {
    await engine.measure(scenario, { concurrency: order.lanes, durationMs: order.warmUpMs });
    for (const load of order.loads) {
      tell({ kind: 'measuring', concurrency: load.concurrency });
      tell({ kind: 'sample', sample: await engine.measure(scenario, load) });
    }
  } finally {
    await engine.close();
  }
}

drive()
  .catch((error: Error) => tell({ kind: 'failed', message: error.stack ?? error.message }))
  .finally(() => process.disconnect?.());
