import { parseArgs } from 'node:util';
import { CONTESTANTS } from './contestants/index.ts';
import { resultsFile } from './option-values.ts';
import { SCENARIOS } from './scenarios/index.ts';

export interface Options {
  readonly contestants: readonly string[];
  readonly scenarios: readonly string[];
  readonly secondsEach: number;
  readonly rounds: number;
  readonly lanes: number;
  readonly jsonFile: string;
}

export const USAGE = `Compares copepod with the alternatives: the same scripts, fresh state for each execution, side by side.

Usage: node bench/main.ts [options]

  --quick            one round of half a second each: a smoke test, not a measurement
  --only NAMES       contestants and scenarios to run, separated by commas (default all)
  --seconds N        length of one measurement (default 2)
  --rounds N         rounds over all contestants; figures are medians of the rounds (default 3)
  --concurrency N    VMs, and executions at once (default 2)
  --json FILE        output file of the figures (default bench/results/DATE.json)
  --help             this text

Contestants:
${CONTESTANTS.map(({ name, note }) => `  ${name.padEnd(18)} ${note}`).join('\n')}

Scenarios:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}
`;

/** @throws Error with a message for the user if the arguments are invalid. Null if they ask for help. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      concurrency: { type: 'string', default: '2' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;

  const only = values.only.split(',').filter(Boolean);
  const contestants = CONTESTANTS.map(({ name }) => name);
  const scenarios = SCENARIOS.map(({ name }) => name);
  const unknown = only.filter((name) => !contestants.includes(name) && !scenarios.includes(name));
  if (unknown.length > 0) throw new Error(`--only: no contestant or scenario ${unknown.join(', ')}; see --help`);
  const chosen = (all: string[]) =>
    all.some((name) => only.includes(name)) ? all.filter((n) => only.includes(n)) : all;

  return {
    contestants: chosen(contestants),
    scenarios: chosen(scenarios),
    secondsEach: positive('--seconds', values.seconds ?? (values.quick ? '0.5' : '2')),
    rounds: Math.ceil(positive('--rounds', values.rounds ?? (values.quick ? '1' : '3'))),
    lanes: Math.ceil(positive('--concurrency', values.concurrency)),
    jsonFile: values.json ?? resultsFile(''),
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option}: ${text} is not a positive number`);
  return value;
}
