import type { Command } from 'commander';
import type { SetExitCode } from '../../commands/set-exit-code.ts';
import type { CancelOptions } from '../cancel.ts';
import { clusterOptions } from './cluster-options.ts';

const AFTER = `
Sets spec.cancel, and waits until the executions have ended. One that has ended before stays as it is.

Examples:
  kubectl copepod cancel hello
  kubectl copepod cancel $(kubectl get sx -o name -l team=a) --no-wait
`;

/** Adds `kubectl copepod cancel`. */
export function addCancel(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('cancel')
    .description('cancel executions, whether they wait or run')
    .argument('<NAME...>', 'names of ScriptExecutions')
    .option('--no-wait', 'return once the cluster knows');
  return clusterOptions(command, AFTER).action(async (names: string[], options: CancelOptions) => {
    const { cancelCommand } = await import('../cancel.ts');
    setExitCode(await cancelCommand(names, options));
  });
}
