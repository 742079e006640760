import type { Command } from 'commander';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Writes package.json, tsconfig.json, copepod.d.ts (what scripts see), params.json, a script in src/ and its test. Editors
then know the globals of a script. Existing files are not replaced.

Its npm scripts run 'copepod': install it in the project with Node 26, as the printed command does, or have both in PATH.

Exit codes:
  0    written
  2    a file exists already, or cannot be written

Examples:
  copepod init rules
`;

/** Adds `copepod init`. */
export function addInit(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('init')
    .description('make a project of scripts')
    .argument('[DIR]', 'directory to make it in', '.')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (directory: string) => {
      const { initCommand } = await import('../init/command.ts');
      setExitCode(await initCommand(directory));
    });
}
