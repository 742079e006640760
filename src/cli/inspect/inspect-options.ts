import type { Command } from 'commander';
import { portNumber } from '../commands/port-number.ts';

/** The options of a command that runs a script under a debugger. */
export interface InspectOptions {
  readonly inspect?: boolean;
  readonly inspectBrk?: boolean;
  readonly inspectPort?: number;
}

/** Whether one of them is given. */
export const isInspected = ({ inspect, inspectBrk, inspectPort }: InspectOptions): boolean =>
  inspect === true || inspectBrk === true || inspectPort !== undefined;

/** Adds the options of `copepod run` and `kubectl copepod debug` for a debugger. */
export function addInspectOptions(command: Command): Command {
  return command
    .optionsGroup('Debugger:')
    .option('--inspect', 'run one script under a debugger: Chrome DevTools, VS Code and others attach to it')
    .option('--inspect-brk', 'the same, and stop at the first line')
    .option(
      '--inspect-port <port>',
      'port of 127.0.0.1 that the debugger attaches to; 0: any (default: 9229)',
      portNumber,
    );
}

/** What `--help` says about them. */
export const INSPECT_HELP = `Under a debugger:
  The script starts once a debugger is attached: chrome://inspect, or an editor's "attach to Node". Breakpoints are
  those of the author's files, also in TypeScript and in imports. Time-out and processor time have no limit, memory
  has one of 1 GiB. The script is less contained than in any other run: debug only what you trust.`;
