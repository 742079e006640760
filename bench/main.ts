// `make bench`: every contestant and scenario, in rounds, so that drift of the machine affects all alike.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { aimsOf } from './aims.ts';
import { CONTESTANTS, ON_REQUEST } from './contestants/index.ts';
import { type Entry, figuresOf } from './figures.ts';
import { machineFacts } from './machine.ts';
import { measure } from './measure.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { aimsText, tableOf } from './report.ts';
import { scenarioNamed } from './scenarios/index.ts';
import type { Scenario } from './workload.ts';

const WARM_UP_MS = 700;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

/** Failures, wrong results included. The remaining measurements continue; the exit code is 1. */
const failures: string[] = [];

async function runScenario(scenario: Scenario, options: Options): Promise<Entry[]> {
  const concurrencies = scenario.alone ? [...new Set([options.lanes, 1])] : [options.lanes];
  const loads = concurrencies.map((concurrency) => ({ concurrency, durationMs: options.secondsEach * 1000 }));
  const contestants = options.contestants.filter((name) =>
    scenario.contestants ? scenario.contestants.includes(name) : !ON_REQUEST.includes(name),
  );

  const entries: Entry[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const contestant of contestants) {
      progress(`${scenario.name}, round ${round} of ${options.rounds}: ${contestant}`);
      const order = { contestant, scenario: scenario.name, lanes: options.lanes, warmUpMs: WARM_UP_MS, loads };
      try {
        const measurements = await measure(order, stop.signal);
        entries.push(...measurements.map((m) => ({ ...m, scenario: scenario.name, contestant, round })));
      } catch (error) {
        if (stop.signal.aborted) throw error;
        failures.push((error as Error).message);
      }
    }
  }
  progress('');
  return entries;
}

/** One that cannot be prepared fails in each of its scenarios; the others go on. */
async function prepare(contestants: readonly string[]): Promise<void> {
  for (const { name, prepare } of CONTESTANTS) {
    if (prepare === undefined || !contestants.includes(name)) continue;
    progress(`preparing ${name} (once, about a minute)`);
    await prepare().catch((error: Error) => failures.push(`${name} cannot be prepared: ${error.message}`));
  }
  progress('');
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) return void process.stdout.write(USAGE);

  const machine = machineFacts();
  console.log(
    `${machine.cores} x ${machine.cpu}, ${machine.kernel}, Node ${machine.node}, load ${machine.loadAverage}`,
  );
  console.log(`${options.rounds} rounds of ${options.secondsEach} s; medians; fresh state for each execution`);
  console.log('memory: resident, of all processes of a contestant and of the one that drives it\n');

  const entries: Entry[] = [];
  await prepare(options.contestants);
  for (const name of options.scenarios) {
    const ofScenario = await runScenario(scenarioNamed(name), options);
    entries.push(...ofScenario);
    if (ofScenario.length > 0) console.log(tableOf(scenarioNamed(name), figuresOf(ofScenario)));
  }

  const figures = figuresOf(entries);
  const aims = aimsOf(figures, options.lanes);
  if (aims.length > 0) console.log(aimsText(aims));

  const contestants = CONTESTANTS.filter(({ name }) => options.contestants.includes(name));
  const notes = Object.fromEntries(contestants.map(({ name, note }) => [name, note]));
  mkdirSync(dirname(options.jsonFile), { recursive: true });
  writeFileSync(
    options.jsonFile,
    `${JSON.stringify({ machine, options, notes, figures, aims, failures, entries }, null, 2)}\n`,
  );
  console.log(`figures: ${relative('.', options.jsonFile)}`);
  if (failures.length > 0) throw new Error(`failed:\n  ${failures.join('\n  ')}`);
}

main().catch((error: Error) => {
  if (stop.signal.aborted) process.exit(130);
  process.stderr.write(`bench: ${error.message}\n`);
  process.exit(1);
});
