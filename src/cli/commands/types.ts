import type { Command } from 'commander';
import type { TypesCommandOptions } from '../types/command.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Declarations for TypeScript and editors: params, context, console, the module copepod/test, and the host functions of
a module with the types that it gives them. The 'lib' of tsconfig.json is to be esnext alone: a sandbox has no DOM.

With --standalone: the host functions alone, with the types and comments that their module has in TypeScript or JSDoc, and
no reference to other files. Agents read them: for the annotation copepod.dev/host-types of a ScriptRuntime.

Exit codes:
  0    written
  2    bad usage, or a module that does not load

Examples:
  copepod types -o copepod.d.ts
  copepod types --host-functions host-functions.mjs -o copepod.d.ts
  copepod types --host-functions host-functions.mjs --standalone
`;

/** Adds `copepod types`. */
export function addTypes(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('types')
    .description('declare what scripts see, for TypeScript and editors')
    .option('--host-functions <file>', "ES module whose exports the scripts can call (see 'copepod run --help')")
    .option('--standalone', 'only the host functions, without references to other files')
    .option('-o, --output <file>', 'file to write (default: standard output)')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (options: TypesCommandOptions) => {
      const { typesCommand } = await import('../types/command.ts');
      setExitCode(await typesCommand(options));
    });
}
