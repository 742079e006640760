import type { Command } from 'commander';
import type { TestCommandOptions } from '../test/command.ts';
import { formatOption } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Files:
  Test files end in .test.ts, .test.mts, .test.js or .test.mjs. Of a directory, all test files in it and below are run,
  except those in node_modules. They import what they test, and 'copepod/test':

    import { expect, test } from 'copepod/test';
    import price from './price.ts';

    test('adds the tax', { params: { net: 100 } }, async () => {
      expect(await price(params, context)).toEqual({ gross: 119 });
    });

  There are test, test.skip, test.only, describe, beforeEach, afterEach, and expect with the matchers of Jest that need no
  clock and no mocks. Each test runs in the sandbox, in a context of its own, with its own params and context as globals,
  within the limits.

Exit codes:
  0    all tests passed, or were skipped
  1    some failed
  2    bad usage, or imports that cannot be resolved
  130  interrupted

Examples:
  copepod test
  copepod test src/price.test.ts --host-functions host-functions.mjs
  copepod test -o tap
`;

/** Adds `copepod test`. */
export function addTest(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('test')
    .description('run tests of scripts inside the sandbox')
    .argument('[FILE|DIR...]', 'files of tests (default: those of the working directory)')
    .option('--host-functions <file>', "ES module whose exports the tests can call (see 'copepod run --help')")
    .option('--timeout <duration>', 'time-out of each test (default: 30s)')
    .option('--memory <quantity>', 'memory limit of each test (default: 64Mi)')
    .addOption(formatOption(['table', 'tap']))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (files: string[], options: TestCommandOptions) => {
      const { testCommand } = await import('../test/command.ts');
      setExitCode(await testCommand(files, options));
    });
}
