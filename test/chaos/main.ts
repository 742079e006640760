// `make chaos`: executions under fault injection, and the duration of a failover.
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
    process.stderr.write('\nundoing faults (press again to exit without clean-up)\n');
    stop.abort(new Error('interrupted'));
  });
}

/** Returns the number of violations. */
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

/** Returns undefined if there is nothing to run: help was requested, or the options are invalid. */
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
