import type { Command } from 'commander';
import type { TypesCommandOptions } from '../types/command.ts';
import { namespaceOption } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Declarations for TypeScript and editors: params, context, console, the module copepod/test, the host functions of
a module with the types that it gives them, and the tools (spec.tools) of a ScriptRuntime, which are loaded for that.
The 'lib' of tsconfig.json is to be esnext alone: a sandbox has no DOM.

With --standalone: the host functions and tools alone, with the types and comments that they have, and no reference to
other files. Agents read them: for the annotation copepod.dev/host-types of a ScriptRuntime, which needs no tools in it.

Exit codes:
  0    written
  2    bad usage, an invalid manifest, a module that does not load, or a tool that cannot be loaded

Examples:
  copepod types -o copepod.d.ts
  copepod types --host-functions host-functions.mjs -o copepod.d.ts
  copepod types runtime.yaml -o copepod.d.ts
  copepod types --host-functions host-functions.mjs --standalone
`;

/** Adds `copepod types`. */
export function addTypes(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('types')
    .description('declare what scripts see, for TypeScript and editors')
    .argument('[FILE|DIR...]', 'manifests with a ScriptRuntime, and the ConfigMaps and Secrets that it refers to')
    .addOption(namespaceOption())
    .option('--runtime <name>', 'ScriptRuntime whose tools to declare (default: the only one of the files)')
    .option('--tenant <id>', 'tenant whose tools to declare (default: the namespace)')
    .option('--host-functions <file>', "ES module whose exports the scripts can call (see 'copepod run --help')")
    .option('--standalone', 'only the host functions and tools, without references to other files')
    .option('-o, --output <file>', 'file to write (default: standard output)')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (files: readonly string[], options: TypesCommandOptions) => {
      const { typesCommand } = await import('../types/command.ts');
      setExitCode(await typesCommand(files, options));
    });
}
