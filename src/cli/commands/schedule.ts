import type { Command } from 'commander';
import type { ScheduleCommandOptions } from '../schedule/command.ts';
import { filesArgument, formatOption, namespaceOption, positiveInteger, time } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Prints the next start times of the ScriptSchedules in the files: each in UTC, and as the clocks of spec.timeZone show it.
They are those of a CronJob with the same schedule and zone. Nothing is run.

-o json and -o yaml print a List of the schedules with the times, in UTC, in .status.nextScheduleTimes.

Exit codes:
  0    all is well
  2    a manifest is invalid, or bad usage

Examples:
  copepod schedule examples/
  copepod schedule nightly.yaml --at 2027-03-27T12:00:00Z --count 3
  kubectl get sch -o yaml | copepod schedule - -o json | jq '.items[].status.nextScheduleTimes'
`;

/** Adds `copepod schedule`. */
export function addSchedule(program: Command, setExitCode: SetExitCode): Command {
  return filesArgument(program.command('schedule'))
    .description('show the next start times of schedules')
    .option('--at <time>', 'show the times after this one (default: now)', time)
    .option('--count <number>', 'number of times per schedule', positiveInteger, 5)
    .addOption(namespaceOption())
    .addOption(formatOption(['table', 'json', 'yaml']))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (files: string[], options: ScheduleCommandOptions) => {
      const { scheduleCommand } = await import('../schedule/command.ts');
      setExitCode(await scheduleCommand(files, options));
    });
}
