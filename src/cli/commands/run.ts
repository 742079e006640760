import type { Command } from 'commander';
import { addInspectOptions, INSPECT_HELP } from '../inspect/inspect-options.ts';
import { firstProcesses } from '../run/first-processes.ts';
import type { RunCommandOptions } from '../run/run-options.ts';
import { filesArgument, formatOption, namespaceOption, positiveInteger, repeatable, time } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Files:
  .yaml .yml .json    manifests as for 'kubectl apply': ScriptExecutions are run, and ScriptSchedules once;
                      ScriptRuntimes set the pool, limits and env of executions that refer to them; ConfigMaps
                      and Secrets are what they refer to; other kinds are reported and skipped
  .js .mjs .ts .mts   a script: run as a ScriptExecution named after the file
  a directory         all manifests in it and below, ordered by name; scripts only if named explicitly
  -                   manifests from standard input
  Only regular files of at most 8 MiB are read, also through symbolic links; no FIFOs and no devices.

Host functions:
  The file is an ES module that runs outside the sandbox. Each exported function becomes a global of the scripts,
  and each exported object of functions a global object. They are called with (call, ...args): the caller
  (call.context, call.tenantKey, call.signal), then the script's arguments. A default export that is a function is
  called with the host, as the library's setup hook.

${INSPECT_HELP}

Exit codes:
  0    every execution succeeded
  1    at least one failed, was cancelled, or is suspended
  2    invalid usage or manifests; nothing ran
  130  interrupted: running executions were cancelled; a second Ctrl-C exits at once

Examples:
  copepod run hello.js --param who=world
  copepod run examples/ -o json | jq '.items[].status.result'
  copepod run rule.ts --params-file order.json --timeout 500ms --watch
  copepod run rule.ts --inspect-brk
  copepod run quote.yaml --host-functions host-functions.mjs
  copepod run report.yaml runtime.yaml secret.yaml --env REGION=eu
  kubectl get sx hello -o yaml | copepod run -

Results go to standard output, logs of scripts to standard error. -o yaml and -o json print a List of the executions
with the .status they have on a cluster.
`;

/** Adds `copepod run`. */
export function addRun(program: Command, setExitCode: SetExitCode): Command {
  const command = filesArgument(program.command('run'))
    .description('run scripts and manifests on this machine')
    .optionsGroup('Input:')
    .addOption(namespaceOption())
    .option('-p, --param <key=value>', 'set a key of params to JSON or a string (repeatable)', repeatable)
    .option('-e, --env <name=value>', 'set a variable of env (repeatable)', repeatable)
    .option('--params-file <file>', 'params as JSON or YAML; merged over those of the manifests, key by key')
    .option('--context-file <file>', 'context as JSON or YAML; merged over that of the manifests, field by field')
    .option('--host-functions <file>', 'ES module whose exports the scripts can call')
    .option('--at <time>', 'run schedules as of this time (default: now)', time)
    .optionsGroup('Limits:')
    .option('--timeout <duration>', 'lower the time-out (250ms, 30s); without a ScriptRuntime it may also raise it')
    .option('--memory <quantity>', 'lower the memory limit (32Mi); without a ScriptRuntime it may also raise it')
    .option(
      '--concurrency <number>',
      'maximum concurrent executions (default: the number of cores, at most 4)',
      positiveInteger,
    )
    .optionsGroup('Output:')
    .addOption(formatOption(['table', 'json', 'yaml']))
    .option('-w, --watch', 'run again whenever a file is saved, until Ctrl-C');
  return addInspectOptions(command)
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (files: string[], options: RunCommandOptions) => {
      const processes = firstProcesses(files);
      try {
        const { runCommand } = await import('../run/command.ts');
        setExitCode(await runCommand(files, options, processes));
      } finally {
        await processes.close();
      }
    });
}
