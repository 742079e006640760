import type { Command } from 'commander';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Writes package.json, tsconfig.json, copepod.d.ts (what scripts see), params.json, a script in src/ and its test. Editors
know what a script sees, and what it does not, without more. Files that are there are not replaced.

Exit codes:
  0    written
  2    a file is there already, or cannot be written

Examples:
  copepod init rules && cd rules && npm install && npm test
`;

/** Adds `copepod init`. */
export function addInit(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('init')
    .description('make a project of scripts')
    .argument('[DIR]', 'directory to make it in', '.')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', AFTER)
    .action(async (directory: string) => {
      const { initCommand } = await import('../init/command.ts');
      setExitCode(await initCommand(directory));
    });
}
