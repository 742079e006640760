import { Command, CommanderError } from 'commander';
import { UsageError } from '../api/usage-error.ts';
import { addBuild } from './commands/build.ts';
import { addGateway } from './commands/gateway.ts';
import { addInit } from './commands/init.ts';
import { addOperator } from './commands/operator.ts';
import { addRun } from './commands/run.ts';
import { addRuntime } from './commands/runtime.ts';
import { addSchedule } from './commands/schedule.ts';
import { addTest } from './commands/test.ts';
import { addTypes } from './commands/types.ts';
import { addValidate } from './commands/validate.ts';
import { addVersion } from './commands/version.ts';
import { EXIT } from './exit-code.ts';
import { terminalStyle } from './output/style.ts';

/** All commands. Code beyond a command's options is loaded when it is called. */
const COMMANDS = [
  addRun,
  addValidate,
  addInit,
  addTypes,
  addTest,
  addBuild,
  addSchedule,
  addRuntime,
  addOperator,
  addGateway,
  addVersion,
];

const EXAMPLES = `
Examples:
  copepod run hello.js --param who=world    run a script
  copepod run examples/                     run manifests, one line as each finishes
  copepod validate manifests/               check them, and run nothing
  copepod run --help                        all about a command

A script runs in a V8 isolate of its own, in a sandbox process, within limits of memory and time. The manifests are
those that 'kubectl apply' takes.
`;

/** Runs the command given by the arguments, and exits with its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const code = await exitCodeOf(args);
  // A module of host functions may keep the event loop alive: the process exits when the command ends.
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit(code);
}

async function exitCodeOf(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('copepod')
    .description('Runs untrusted JavaScript and TypeScript in contained V8 isolates.')
    .usage('COMMAND [options]')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .option('--version', 'show the versions')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'copepod:')) })
    .exitOverride();
  for (const add of COMMANDS) {
    add(program, (result) => {
      code = result;
    });
  }
  try {
    const [first, ...others] = args;
    if (first === undefined) program.outputHelp();
    else await program.parseAsync([first === '--version' ? 'version' : first, ...others], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { bold, red } = terminalStyle(process.stderr);
    const prefix = `${bold('copepod:')} `;
    if (!(error instanceof UsageError)) {
      process.stderr.write(`${prefix}${red('this is a bug:')} ${error instanceof Error ? error.stack : error}\n`);
      return EXIT.failed;
    }
    process.stderr.write(`${prefix}${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`);
    return EXIT.usage;
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}
