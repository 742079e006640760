import { type Command, Option } from 'commander';
import { repeatable } from '../../commands/options.ts';
import type { SetExitCode } from '../../commands/set-exit-code.ts';
import type { PluginRunOptions } from '../run/run-options.ts';
import { clusterOptions } from './cluster-options.ts';

const AFTER = `
FILE:
  .js .mjs .ts .mts   a script: a new ScriptExecution, named after the file, with a suffix
  .yaml .yml .json -  a manifest with one ScriptExecution: applied under its own name; run again where nothing has changed

Logs and what the execution waits for go to standard error, the result as JSON to standard output. Logs come while the
script runs if you may get pods/log, otherwise when it ends.

Ctrl-C leaves the execution running and says how to watch and to cancel it; --cancel-on-interrupt cancels it.

Exit codes:
  0    the execution succeeded
  1    it failed, was cancelled, or is suspended
  2    invalid usage or manifest, or the cluster refused it: nothing ran; or the cluster no longer answers
  130  interrupted

Examples:
  kubectl copepod run hello.js --param who=world
  kubectl copepod run report.ts --runtime reports --params-file may.yaml --bundle
  kubectl copepod run examples/hello.yaml -o yaml
`;

/** Adds `kubectl copepod run`. */
export function addRun(program: Command, setExitCode: SetExitCode): Command {
  const command = program
    .command('run')
    .description('run a script in the cluster and wait for its result')
    .argument('<FILE|->', 'a script, or a manifest with a ScriptExecution')
    .optionsGroup('Input:')
    .option('-r, --runtime <name>', "ScriptRuntime (default: the manifest's, else default)")
    .option('--name <name>', 'name of the execution of a script; one of that name is run anew')
    .option('--bundle', "bundle the script with what it imports, as 'copepod build' does")
    .option('-p, --param <key=value>', 'set a key of params to JSON or a string (repeatable)', repeatable)
    .option('-e, --env <name=value>', 'set a variable of env (repeatable)', repeatable)
    .option('--params-file <file>', 'params as JSON or YAML; merged over those of the manifest, key by key')
    .option('--context-file <file>', 'context as JSON or YAML; merged over that of the manifest, field by field')
    .option('--timeout <duration>', 'time-out of the script (250ms, 30s), at most that of the runtime')
    .option('--memory <quantity>', 'memory limit (32Mi), at most that of the runtime')
    .optionsGroup('Output:')
    .addOption(
      new Option('-o, --output <format>', 'the result, the object, or its name')
        .choices(['result', 'json', 'yaml', 'name'])
        .default('result'),
    )
    .option('--timestamps', 'show the time of log lines')
    .option('--no-wait', 'return once the execution is written')
    .option('--cancel-on-interrupt', 'cancel the execution on Ctrl-C')
    .option('--rm', 'delete the execution after it has ended');
  return clusterOptions(command, AFTER).action(async (file: string, options: PluginRunOptions) => {
    const { runCommand } = await import('../run/command.ts');
    setExitCode(await runCommand(file, options));
  });
}
