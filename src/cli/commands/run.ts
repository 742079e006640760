import type { Command } from 'commander';
import type { RunCommandOptions } from '../run/run-options.ts';
import { filesArgument, formatOption, namespaceOption, positiveInteger, repeatable, time } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Files:
  .yaml .yml .json    manifests, as 'kubectl apply' takes them: ScriptExecutions are run, and ScriptSchedules once;
                      ScriptRuntimes configure the pool and the limits of the executions that name them; ConfigMaps
                      serve spec.sourceFrom; other kinds are named and skipped
  .js .mjs .ts .mts   a script: becomes a ScriptExecution of its name
  a directory         every manifest in it and below, in the order of names; scripts only where they are named
  -                   manifests from standard input
  Regular files are read, of at most 8 MiB, also through symbolic links; no FIFOs and no devices.

Host functions:
  The file is an ES module that runs outside the sandbox. Each exported function is a global of that name for the
  scripts, and each exported object of functions gives dotted names. They are called with (call, ...args): who calls
  (call.context, call.tenantKey, call.signal), then the script's arguments. A default export that is a function is
  called with the host, as the library's setup hook.

Exit codes:
  0    every execution succeeded
  1    some did not: they failed, were cancelled, or are suspended
  2    bad usage or bad manifests; nothing has run
  130  interrupted: what ran was cancelled; a second Ctrl-C leaves at once

Examples:
  copepod run hello.js --param who=world
  copepod run examples/ -o json | jq '.items[].status.result'
  copepod run rule.ts --params-file order.json --timeout 500ms --watch
  copepod run quote.yaml --host-functions host-functions.mjs
  kubectl get sx hello -o yaml | copepod run -

Results go to standard output, what scripts log to standard error. -o yaml and -o json print a List of the executions
with .status, as the cluster would hold them.
`;

/** Adds `copepod run`. */
export function addRun(program: Command, setExitCode: SetExitCode): Command {
  return filesArgument(program.command('run'))
    .description('run scripts and manifests on this machine')
    .optionsGroup('Input:')
    .addOption(namespaceOption())
    .option('-p, --param <key=value>', 'set a key of params: JSON, or else a string (repeatable)', repeatable)
    .option('--params-file <file>', 'params, as JSON or YAML; laid over those of the manifests, key by key')
    .option('--context-file <file>', 'context, as JSON or YAML; laid over that of the manifests, field by field')
    .option('--host-functions <file>', 'ES module whose exports the scripts can call')
    .option('--at <time>', 'run schedules as of this time (default: now)', time)
    .optionsGroup('Limits:')
    .option('--timeout <duration>', 'lower the time-out (250ms, 30s); without a ScriptRuntime it may also raise it')
    .option('--memory <quantity>', 'lower the memory limit (32Mi); without a ScriptRuntime it may also raise it')
    .option('--concurrency <number>', 'executions at once (default: the number of cores, at most 4)', positiveInteger)
    .optionsGroup('Output:')
    .addOption(formatOption(['table', 'json', 'yaml']))
    .option('-w, --watch', 'run again whenever a file is saved, until Ctrl-C')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', AFTER)
    .action(async (files: string[], options: RunCommandOptions) => {
      const { runCommand } = await import('../run/command.ts');
      setExitCode(await runCommand(files, options));
    });
}
