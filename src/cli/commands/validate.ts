import type { Command } from 'commander';
import type { ValidateCommandOptions } from '../validate/command.ts';
import { filesArgument, formatOption, namespaceOption } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Checks what 'copepod run' checks before it runs anything, and what a cluster would: syntax as kubectl reads it, the schemas
and rules of the kinds, metadata, that ConfigMaps of spec.sourceFrom are there, that every script compiles, and that the
ScriptRuntime in the same files admits the limits and the tenant. Every problem is reported with its file, line, column,
document and field. Warnings do not change the exit code. Nothing is run.

Exit codes:
  0    all is well
  2    there are problems, or bad usage

Examples:
  copepod validate examples/
  copepod validate rule.ts manifests/*.yaml -o json
  helm template chart/ | copepod validate -
`;

/** Adds `copepod validate`. */
export function addValidate(program: Command, setExitCode: SetExitCode): Command {
  return filesArgument(program.command('validate'))
    .description('check scripts and manifests, and run nothing')
    .addOption(namespaceOption())
    .addOption(formatOption(['text', 'json']))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (files: string[], options: ValidateCommandOptions) => {
      const { validateCommand } = await import('../validate/command.ts');
      setExitCode(await validateCommand(files, options));
    });
}
