import type { Command } from 'commander';
import type { ValidateCommandOptions } from '../validate/command.ts';
import { filesArgument, formatOption, namespaceOption } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Checks what 'copepod run' checks before it runs anything: syntax, the schemas and rules of both kinds, that ConfigMaps
of spec.sourceFrom are there, and that every script compiles. Every problem is reported with its file, line, column,
document and field. Nothing is run.

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
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', AFTER)
    .action(async (files: string[], options: ValidateCommandOptions) => {
      const { validateCommand } = await import('../validate/command.ts');
      setExitCode(await validateCommand(files, options));
    });
}
