import { type Command, Option } from 'commander';
import type { BuildCommandOptions } from '../build/command.ts';
import { formatOption } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Bundles a script with the files and the npm packages that it imports into one file, leaves out what is not used, and
writes a manifest that 'copepod run' and 'kubectl apply' take. Large packages are listed on standard error. Imports that no
sandbox can serve, such as node:fs, are refused with the chain of imports to them. The same input gives the same output.

The source map at the end of the script has errors at their places in your files, here and on a cluster. It is omitted if the
script is too large with it.

Exit codes:
  0    written
  2    bad usage, imports that cannot be resolved or served, or a script above 256 KiB (ConfigMap: 1 MiB)

Examples:
  copepod build src/main.ts | copepod run -
  copepod build src/main.ts --params-file params.json | kubectl apply --server-side -f -
  copepod build src/main.ts --kind ConfigMap --name rules -f base/rules.yaml    a resource for kustomize
  copepod build src/main.ts -o js -f base/rules.js                              for its configMapGenerator
`;

/** Adds `copepod build`. */
export function addBuild(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('build')
    .description('bundle a script and what it imports into a manifest')
    .argument('<ENTRY>', 'script: .ts, .mts, .js or .mjs')
    .optionsGroup('Manifest:')
    .addOption(
      new Option('--kind <kind>', 'what to write').choices(['ScriptExecution', 'ConfigMap']).default('ScriptExecution'),
    )
    .option('--name <name>', "name of the object (default: the script's)")
    .option('-n, --namespace <name>', 'namespace of the object (default: none is written)')
    .option('--params-file <file>', 'spec.params, as JSON or YAML')
    .option('--runtime <name>', 'spec.runtimeRef.name')
    .optionsGroup('Bundle:')
    .option('--minify', 'minify the code (default: only if it is too large otherwise)')
    .option('--no-source-map', 'omit the source map')
    .optionsGroup('Output:')
    .addOption(formatOption(['yaml', 'json', 'js']))
    .option('-f, --file <file>', 'file to write (default: standard output)')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (entry: string, options: BuildCommandOptions) => {
      const { buildCommand } = await import('../build/command.ts');
      setExitCode(await buildCommand(entry, options));
    });
}
