import type { Command } from 'commander';
import { formatOption } from '../../commands/options.ts';
import type { SetExitCode } from '../../commands/set-exit-code.ts';
import type { ExplainOptions } from '../explain/command.ts';
import { clusterOptions } from './cluster-options.ts';

const AFTER = `
One answer, from the conditions of the execution and its runtime, the pods, and the quotas of the namespace. What you may
not read is left out.

Examples:
  kubectl copepod explain hello
  kubectl copepod explain hello -o json | jq -r .reason
`;

/** Adds `kubectl copepod explain`. */
export function addExplain(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('explain')
    .description('say why an execution waits, or how it ended')
    .argument('<NAME>', 'name of a ScriptExecution')
    .addOption(formatOption(['text', 'json', 'yaml']));
  return clusterOptions(command, AFTER).action(async (name: string, options: ExplainOptions) => {
    const { explainCommand } = await import('../explain/command.ts');
    setExitCode(await explainCommand(name, options));
  });
}
