import { parseArgs } from 'node:util';
import { TARGETS } from './targets/index.ts';

export interface Options {
  readonly targets: readonly string[];
  /** Of each target. */
  readonly milliseconds: number;
  readonly seed: number;
  /** One case alone. */
  readonly onlyCase: number | undefined;
}

export const USAGE = `Fuzzes everything that parses what others send: no crash, no hang, nothing thrown that is not classified.

Usage: node test/fuzz/main.ts [options]

  --minutes N      how long each target is fuzzed (default 1)
  --seconds N      the same, in seconds
  --only NAMES     targets, separated by commas (default all)
  --seed N         makes the same inputs again (default: another each time; it is shown)
  --case N         that case alone
  --help           this text

Targets:
${TARGETS.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n')}
`;

/** @throws Error with a message for the user where the arguments are wrong. Undefined where they ask for help. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      seed: { type: 'string' },
      case: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const names = TARGETS.map(({ name }) => name);
  const targets = values.only?.split(',') ?? names;
  const unknown = targets.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: must be one of ${names.join(', ')}`);
  const seconds =
    values.seconds === undefined ? positive('--minutes', values.minutes) * 60 : positive('--seconds', values.seconds);
  return {
    targets,
    milliseconds: seconds * 1000,
    seed: values.seed === undefined ? Date.now() % 1_000_000 : whole('--seed', values.seed),
    onlyCase: values.case === undefined ? undefined : whole('--case', values.case),
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new Error(`${option} ${text}: must be a number above 0`);
  return value;
}

function whole(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${option} ${text}: must be a whole number from 0`);
  return Number(text);
}
