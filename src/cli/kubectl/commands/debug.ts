import type { Command } from 'commander';
import { formatOption, repeatable } from '../../commands/options.ts';
import type { SetExitCode } from '../../commands/set-exit-code.ts';
import { addInspectOptions, INSPECT_HELP } from '../../inspect/inspect-options.ts';
import type { DebugOptions } from '../debug/command.ts';
import { clusterOptions } from './cluster-options.ts';

const AFTER = `
Fetches the execution, its ScriptRuntime and the ConfigMaps that they refer to, and runs them as 'copepod run' does: the
same script, imports, params, context, env and limits. The run is yours: nothing is written to the cluster, and fetch sends
real requests from this machine. Host functions are not in the cluster's objects: name the module with --host-functions.

Secrets of the runtime's env stay in the cluster unless --secrets is given; --env NAME=value stands in for one.

${INSPECT_HELP}

Exit codes are those of 'copepod run'.

Examples:
  kubectl copepod debug nightly-29111111
  kubectl copepod debug report-x7k2p --save report/ && copepod run report/ --watch
  kubectl copepod debug report-x7k2p --inspect-brk
  kubectl copepod debug report-x7k2p --param day=1 --env API_KEY=test
`;

/** Adds `kubectl copepod debug`. */
export function addDebug(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('debug')
    .description('run on this machine what an execution is given in the cluster')
    .argument('<NAME>', 'name of a ScriptExecution')
    .optionsGroup('Input:')
    .option('-p, --param <key=value>', 'set a key of params to JSON or a string (repeatable)', repeatable)
    .option('-e, --env <name=value>', 'set a variable of env (repeatable)', repeatable)
    .option('--host-functions <file>', 'ES module whose exports the script can call')
    .option('--secrets', "also fetch the Secrets of the runtime's env and headers, with your rights")
    .option('--timeout <duration>', 'lower the time-out (250ms, 30s)')
    .option('--memory <quantity>', 'lower the memory limit (32Mi)')
    .optionsGroup('Output:')
    .option('--save <dir>', 'keep the manifests in this directory')
    .addOption(formatOption(['table', 'json', 'yaml']));
  return clusterOptions(addInspectOptions(command), AFTER).action(async (name: string, options: DebugOptions) => {
    const { debugCommand } = await import('../debug/command.ts');
    setExitCode(await debugCommand(name, options));
  });
}
