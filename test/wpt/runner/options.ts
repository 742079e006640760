import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AREAS, type Area } from './areas.ts';

export interface Options {
  /** Folder of the checkout. */
  readonly checkout: string;
  readonly areas: readonly Area[];
  /** Part of the paths of the files to run. */
  readonly only: string;
  /** Lists all failing tests, also those that fail in Node. */
  readonly all: boolean;
  /** The time-outs of files are so many times as long. */
  readonly timeoutMultiplier: number;
}

export const USAGE = `Runs the .any.js files of web-platform-tests in sandboxes and in this Node, and compares.

Usage: node test/wpt/runner/main.ts CHECKOUT [options]
       make wpt WPT=CHECKOUT

CHECKOUT is a clone of https://github.com/web-platform-tests/wpt. Exit code 1: a test that passes in Node fails in the sandbox,
and runner/deviations.ts has no reason for it.

  --area TITLES    areas, separated by commas (default all)
  --only TEXT      files alone that have this in their path
  --all            list the failing tests of the sandbox that fail in Node as well
  --timeout-multiplier N
                   a file has N times its time: 20 s, or 60 s where it says that it is long (default 1)
  --help           this text

Areas: ${AREAS.map(({ title }) => title).join(', ')}
`;

/** @throws Error with a message for the user where the arguments are wrong. Undefined where they ask for help. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      area: { type: 'string' },
      only: { type: 'string', default: '' },
      all: { type: 'boolean', default: false },
      'timeout-multiplier': { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [checkout, ...rest] = positionals;
  if (checkout === undefined || rest.length > 0) throw new Error('needs one argument: the folder of a checkout');
  if (!existsSync(join(checkout, 'resources/testharness.js')))
    throw new Error(`${checkout} is no checkout of web-platform-tests: there is no resources/testharness.js in it`);
  const timeoutMultiplier = Number(values['timeout-multiplier']);
  if (!(timeoutMultiplier >= 1 && timeoutMultiplier <= 60))
    throw new Error('--timeout-multiplier: must be a number from 1 to 60');
  const titles = values.area?.split(',') ?? AREAS.map(({ title }) => title);
  const areas = titles.map((title) => {
    const area = AREAS.find((each) => each.title === title);
    if (area === undefined)
      throw new Error(`--area ${title}: must be one of ${AREAS.map((each) => each.title).join(', ')}`);
    return area;
  });
  return { checkout, areas, only: values.only, all: values.all, timeoutMultiplier };
}
