import { Command, CommanderError } from 'commander';
import { terminalText } from '../api/text.ts';
import { systemProblem, UsageError } from '../api/usage-error.ts';
import type { SetExitCode } from './commands/set-exit-code.ts';
import { EXIT } from './exit-code.ts';
import { ClusterError } from './kubectl/cluster-error.ts';
import { outputFailure } from './output/output-failure.ts';
import { terminalStyle } from './output/style.ts';
import { argumentDescription, optionDescription, usageText } from './output/usage-text.ts';

/** A program with commands: what its name on the command line stands for. */
export interface Program {
  /** As users type it: `kubectl copepod`. */
  readonly name: string;
  readonly description: string;
  /** By the name of the command that each adds. */
  readonly commands: Readonly<Record<string, (program: Command, setExitCode: SetExitCode) => Command>>;
  /** Text below the help. */
  readonly examples: string;
  /** Whether its commands are about a cluster: completion then asks it for names. */
  readonly hasCluster: boolean;
}

/** Runs the command given by the arguments, and exits with its exit code. */
export async function runProgram(program: Program, args: readonly string[]): Promise<void> {
  const output = outputFailure();
  let code = args[0] === COMPLETE ? await completed(program, args.slice(1)) : await exitCodeOf(program, args);
  // A module of host functions may keep the event loop alive: the process exits when the command ends.
  await flushed(process.stdout);
  if (output.error !== undefined) {
    process.stderr.write(`${program.name}: standard output: ${systemProblem(output.error)}\n`);
    code = EXIT.failed;
  } else if (output.signal.aborted && code === EXIT.ok) code = EXIT.interrupted;
  await flushed(process.stderr);
  process.exit(code);
}

/** What completion scripts call: hidden from the help. */
const COMPLETE = '__complete';

async function completed(program: Program, words: readonly string[]): Promise<number> {
  const { complete } = await import('./completion/complete.ts');
  await complete(
    commandsOf(program, () => {}),
    words,
    program.hasCluster,
  );
  return EXIT.ok;
}

/**
 * The commands of a program, for its arguments or for completion.
 * @param called adds this command alone, if it is one: to add all of them takes longer than to read the arguments
 */
export function commandsOf(
  { name, description, commands, examples }: Program,
  setExitCode: SetExitCode,
  called = '',
): Command {
  const program = new Command(name)
    .description(description)
    .usage('COMMAND [options]')
    .helpCommand(false)
    .addHelpText('after', examples)
    .option('--version', 'show the versions')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      outputError: (text, write) => {
        const command = Object.hasOwn(commands, called) ? `${name} ${called}` : name;
        write(`${errorPrefix(name)}${terminalText(usageText(text, command), { multiline: true })}\n`);
      },
    })
    .configureHelp({ argumentDescription, optionDescription })
    .exitOverride();
  const added = Object.hasOwn(commands, called) ? [commands[called]] : Object.values(commands);
  for (const add of added) add?.(program, setExitCode);
  return program;
}

async function exitCodeOf(definition: Program, args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const [first, ...others] = args;
  const setExitCode = (result: number) => {
    code = result;
  };
  const program = commandsOf(definition, setExitCode, first);
  try {
    if (first === undefined) program.outputHelp();
    else await program.parseAsync(meant(program, first, others), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const prefix = errorPrefix(definition.name);
    if (!(error instanceof UsageError || error instanceof ClusterError)) {
      const { red } = terminalStyle(process.stderr);
      process.stderr.write(`${prefix}${red('this is a bug:')} ${error instanceof Error ? error.stack : error}\n`);
      return EXIT.failed;
    }
    // An API server's words, names of files, a script's text: none of it is for the terminal to act on.
    const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
    process.stderr.write(`${prefix}${terminalText(`${error.message}${hint}`, { multiline: true })}\n`);
    return EXIT.usage;
  }
}

const errorPrefix = (name: string): string => `${terminalStyle(process.stderr).bold(`${name}:`)} `;

/** The arguments, with `--version` and `help COMMAND` replaced by what they stand for. */
function meant({ commands }: Command, first: string, others: readonly string[]): string[] {
  if (first === '--version') return ['version', ...others];
  if (first !== 'help') return [first, ...others];
  const [name = '--help'] = others;
  return commands.some((command) => command.name() === name) ? [name, '--help'] : [name];
}

/** Resolves once all writes have arrived or failed, and the stream has emitted its error. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const told = () => setImmediate(resolve);
    if (!stream.writable) told();
    else stream.write('', told);
  });
}
