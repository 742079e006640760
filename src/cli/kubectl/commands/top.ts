import type { Command } from 'commander';
import { formatOption } from '../../commands/options.ts';
import type { SetExitCode } from '../../commands/set-exit-code.ts';
import type { TopOptions } from '../top/command.ts';
import { clusterOptions } from './cluster-options.ts';

const AFTER = `
On a terminal it is live, until q or Ctrl-C: those that run longest, those that wait longest, then those that ended last. To
a pipe, and with --once, it prints the tables once.

RUNNING and WAITING are counted in the executions. BUSY, TOTAL and FAILED are from the status of the runtime, which is at
most 10 seconds old and also counts what the gateway executes.

Examples:
  kubectl copepod top -A
  kubectl copepod top -o json | jq '.executions[] | select(.state == "waiting").name'
`;

/** Adds `kubectl copepod top`. */
export function addTop(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('top')
    .description('show runtimes and executions, live on a terminal')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--once', 'print the tables once')
    .addOption(formatOption(['table', 'json', 'yaml']));
  return clusterOptions(command, AFTER).action(async (options: TopOptions) => {
    const { topCommand } = await import('../top/command.ts');
    setExitCode(await topCommand(options));
  });
}
