import { type Command, Option } from 'commander';
import type { SetExitCode } from '../../commands/set-exit-code.ts';
import type { RerunOptions } from '../rerun.ts';
import { clusterOptions } from './cluster-options.ts';

const AFTER = `
Sets another spec.rerunToken: the script, params and context are those of the object, and files of ConfigMaps are read
anew. One that was cancelled is no longer.

Examples:
  kubectl copepod rerun hello
  kubectl copepod rerun hello --wait | jq .
`;

/** Adds `kubectl copepod rerun`. */
export function addRerun(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('rerun')
    .description('run an execution again')
    .argument('<NAME>', 'name of a ScriptExecution')
    .option('-w, --wait', "wait for the outcome, and print it as 'run' does")
    .option('--force', 'also if its current run has not ended: that is cancelled')
    .optionsGroup('Output:')
    .addOption(
      new Option('-o, --output <format>', 'with --wait: the result, the object, or its name')
        .choices(['result', 'json', 'yaml', 'name'])
        .default('result'),
    )
    .option('--timestamps', 'show the time of log lines');
  return clusterOptions(command, AFTER).action(async (name: string, options: RerunOptions) => {
    const { rerunCommand } = await import('../rerun.ts');
    setExitCode(await rerunCommand(name, options));
  });
}
