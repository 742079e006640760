// `make chaos`: executions while everything about them is killed, paused and cut off; and how long a new leader takes.
import { ChaosCluster } from './cluster/chaos-cluster.ts';
import { withOperators } from './cluster/operator.ts';
import { shellsEnded } from './cluster/shell.ts';
import { measureFailover } from './failover.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { runRound } from './round.ts';

const OPERATORS = 2;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(130);
    process.stderr.write('\ntaking back what was done (again: leave everything as it is)\n');
    stop.abort(new Error('interrupted'));
  });
}

/** Gives how many violations there were. */
async function run(cluster: ChaosCluster, options: Options, signal: AbortSignal): Promise<number> {
  let violations = 0;
  if (options.parts.includes('trouble')) {
    for (const backoffLimit of options.backoffLimits) {
      for (const seed of options.seeds) {
        violations += await runRound(cluster, { backoffLimit, seed }, options, signal);
      }
    }
  }
  if (options.parts.includes('failover')) violations += await measureFailover(cluster, options, signal);
  return violations;
}

async function main(options: Options): Promise<void> {
  const cluster = await ChaosCluster.connect();
  try {
    const { signal } = stop;
    const violations = await withOperators(cluster, OPERATORS, signal, () => run(cluster, options, signal));
    if (violations > 0) process.exitCode = 1;
  } finally {
    await shellsEnded();
    cluster.close();
  }
}

/** Undefined where there is nothing to run: help was asked for, or the options make no sense. */
function optionsOf(args: readonly string[]): Options | undefined {
  try {
    const options = parseOptions(args);
    if (options !== null) return options;
    process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`chaos: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
  return undefined;
}

const options = optionsOf(process.argv.slice(2));
if (options !== undefined) {
  main(options).catch((error: Error) => {
    const isInterrupt = error === stop.signal.reason;
    process.stderr.write(`chaos: ${isInterrupt ? error.message : error.stack}\n`);
    process.exitCode = stop.signal.aborted ? 130 : 1;
  });
}
