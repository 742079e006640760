// `make bench-from-zero`: an execution whose runtime has no pod, compared with a bare pod of the same kind, on a
// cluster.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { inNamespace } from '../cluster/namespace.ts';
import { OperatorDeployment } from '../cluster/operator-deployment.ts';
import { Progress } from '../cluster/progress.ts';
import { Target } from '../cluster/target.ts';
import { machineFacts } from '../machine.ts';
import type { Moments } from './moments.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { aimText, type Figures, momentsTable, ratioOf } from './report.ts';
import { Rounds } from './rounds.ts';

const stop = new AbortController();
const { signal } = stop;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (signal.aborted) process.exit(130);
    process.stderr.write('\ncleaning up (press again to exit without clean-up)\n');
    stop.abort(new Error('interrupted'));
  });
}

const progress = new Progress();

async function measure(target: Target, { rounds: count, poolSize, keep }: Options): Promise<Figures> {
  return inNamespace(target, { purpose: 'from-zero', keep, signal }, async (namespace) => {
    progress.step('making a ScriptRuntime without a pod');
    using rounds = await Rounds.start(target, namespace, poolSize, signal);
    const fromZero: Moments[] = [];
    const barePod: Moments[] = [];
    for (let round = 0; round <= count; round++) {
      progress.step(round === 0 ? 'one round to warm up' : `round ${round} of ${count}`);
      const pair = [await rounds.fromZero(), await rounds.barePod()] as const;
      if (round === 0) continue;
      fromZero.push(pair[0]);
      barePod.push(pair[1]);
    }
    progress.step('removing the namespace');
    return { fromZero, barePod };
  });
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) return void process.stdout.write(USAGE);

  const target = await Target.connect();
  await target.requireKinds();
  const operator = await OperatorDeployment.find(target);
  if (!operator) throw new Error('Deployment copepod-system/copepod-operator does not exist: run `make deploy` first');
  await operator.leader(signal);
  const machine = machineFacts();
  console.log(
    `${target.server}, with ${machine.cores} x ${machine.cpu}, Node ${machine.node}, load ${machine.loadAverage}`,
  );
  console.log(`${options.rounds} rounds; pods of ${options.poolSize} VMs\n`);
  const figures = await measure(target, options);
  target.close();
  progress.clear();
  console.log(`${momentsTable(figures)}\n${aimText(figures)}`);

  mkdirSync(dirname(options.jsonFile), { recursive: true });
  const told = { machine, server: target.server, options, ratio: ratioOf(figures), ...figures };
  writeFileSync(options.jsonFile, `${JSON.stringify(told, null, 2)}\n`);
  console.log(`figures: ${relative('.', options.jsonFile)}`);
}

main().catch((error: Error) => {
  progress.clear();
  process.stderr.write(`bench-from-zero: ${error.message}\n`);
  process.exit(signal.aborted ? 130 : 1);
});
