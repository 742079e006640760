// `make bench-overload`: the operator under overload, on a cluster.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { OperatorDeployment } from '../cluster/operator-deployment.ts';
import { Progress } from '../cluster/progress.ts';
import { stopOnInterrupt } from '../cluster/stop-on-interrupt.ts';
import { tableLines } from '../cluster/table.ts';
import { Target } from '../cluster/target.ts';
import { machineFacts } from '../machine.ts';
import { measureBacklog } from './backlog.ts';
import { measureFairness, measureTenants } from './fairness.ts';
import { type PartName, parseOptions, USAGE } from './options.ts';
import type { Check, PartContext, PartResult } from './part.ts';
import { measureShares } from './shares.ts';
import { measureSoak } from './soak.ts';
import { measureSpike } from './spike.ts';

const MEASURES: Readonly<Record<PartName, (context: PartContext) => Promise<PartResult>>> = {
  spike: measureSpike,
  fairness: measureFairness,
  shares: measureShares,
  tenants: measureTenants,
  backlog: measureBacklog,
  soak: measureSoak,
};

const signal = stopOnInterrupt();
const progress = new Progress();

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) return void process.stdout.write(USAGE);

  const target = await Target.connect();
  await target.requireKinds();
  const operator = await OperatorDeployment.find(target);
  if (!operator) throw new Error('Deployment copepod-system/copepod-operator does not exist: run `make deploy` first');

  const machine = machineFacts();
  const parts: Record<string, { loadBefore: number; figures?: unknown; checks: readonly Check[]; failure?: string }> =
    {};
  for (const name of options.parts) {
    const loadBefore = machineFacts().loadAverage;
    console.log(`${name}: ${target.server}, with ${machine.cores} x ${machine.cpu}, load before ${loadBefore}`);
    try {
      const { text, figures, checks } = await MEASURES[name]({ target, operator, progress, options, signal });
      progress.clear();
      console.log(`${text}\n${checksText(checks)}`);
      parts[name] = { loadBefore, figures, checks };
    } catch (error) {
      if (signal.aborted) throw error;
      progress.clear();
      const failure = (error as Error).message;
      console.log(`  failed: ${failure}\n`);
      parts[name] = { loadBefore, checks: [], failure };
    }
  }
  target.close();

  mkdirSync(dirname(options.jsonFile), { recursive: true });
  writeFileSync(options.jsonFile, `${JSON.stringify({ machine, server: target.server, options, parts }, null, 2)}\n`);
  console.log(`figures: ${relative('.', options.jsonFile)}`);
  const broken = Object.entries(parts).filter(
    ([, { failure, checks }]) => failure !== undefined || checks.some(({ met, required }) => required && !met),
  );
  if (broken.length > 0) throw new Error(`failed: ${broken.map(([name]) => name).join(', ')}`);
}

function checksText(checks: readonly Check[]): string {
  const rows = checks.map(({ met, text, measured }) => [met ? 'met' : 'not met', text, measured]);
  return rows.length > 0 ? `${tableLines(rows, 3).join('\n')}\n` : '';
}

main().catch((error: Error) => {
  progress.clear();
  process.stderr.write(`bench-overload: ${error.message}\n`);
  process.exit(signal.aborted ? 130 : 1);
});
