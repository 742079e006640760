import { type Command, Option } from 'commander';
import { positiveInteger } from '../../commands/options.ts';
import type { SetExitCode } from '../../commands/set-exit-code.ts';
import type { LogsOptions } from '../logs/command.ts';
import { clusterOptions } from './cluster-options.ts';

const AFTER = `
While the script runs, its lines are read from the log of its pod, for which you need the right to get pods/log. After
it has ended they are in the status of the execution: the last ones, within limits.logs.

Examples:
  kubectl copepod logs hello
  kubectl copepod logs -f nightly-29111111 --timestamps
  kubectl copepod logs hello -o json | jq -r 'select(.level == "error").message'
`;

/** Adds `kubectl copepod logs`. */
export function addLogs(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('logs')
    .description('print the log of an execution')
    .argument('<NAME>', 'name of a ScriptExecution')
    .optionsGroup('Output:')
    .option('-f, --follow', 'go on until the execution has ended; wait for it to start')
    .option('--timestamps', 'show the time of lines')
    .option('--tail <number>', 'the last lines only (without -f)', positiveInteger)
    .addOption(
      new Option('-o, --output <format>', 'text, or a JSON object a line').choices(['text', 'json']).default('text'),
    );
  return clusterOptions(command, AFTER).action(async (name: string, options: LogsOptions) => {
    const { logsCommand } = await import('../logs/command.ts');
    setExitCode(await logsCommand(name, options));
  });
}
