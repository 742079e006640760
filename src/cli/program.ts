import { addBuild } from './commands/build.ts';
import { addCompletion } from './commands/completion.ts';
import { addDashboard } from './commands/dashboard.ts';
import { addGateway } from './commands/gateway.ts';
import { addInit } from './commands/init.ts';
import { addMcp } from './commands/mcp.ts';
import { addOperator } from './commands/operator.ts';
import { addRun } from './commands/run.ts';
import { addRuntime } from './commands/runtime.ts';
import { addSchedule } from './commands/schedule.ts';
import { addTest } from './commands/test.ts';
import { addTypes } from './commands/types.ts';
import { addValidate } from './commands/validate.ts';
import { addVersion } from './commands/version.ts';
import { type Program, runProgram } from './run-program.ts';

/** All commands, by their names. Code beyond a command's options is loaded when it is called. */
const COMMANDS = {
  run: addRun,
  validate: addValidate,
  init: addInit,
  types: addTypes,
  test: addTest,
  build: addBuild,
  schedule: addSchedule,
  runtime: addRuntime,
  operator: addOperator,
  gateway: addGateway,
  mcp: addMcp,
  dashboard: addDashboard,
  completion: addCompletion,
  version: addVersion,
};

const EXAMPLES = `
Examples:
  copepod run hello.js --param who=world    run a script
  copepod run examples/                     run manifests, one line as each finishes
  copepod validate manifests/               check them, and run nothing
  copepod run --help                        all about a command

A script runs in a V8 isolate of its own, in a sandbox process, within limits of memory and time. The manifests are
those that 'kubectl apply' takes.
`;

/** `copepod`. */
export const COPEPOD: Program = {
  name: 'copepod',
  description: 'Runs untrusted JavaScript and TypeScript in contained V8 isolates.',
  commands: COMMANDS,
  examples: EXAMPLES,
  hasCluster: false,
};

/** Runs the command given by the arguments, and exits with its exit code. */
export const main = (args: readonly string[]): Promise<void> => runProgram(COPEPOD, args);
