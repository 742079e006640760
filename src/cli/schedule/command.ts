import { loadManifests } from '../../api/manifest.ts';
import { formatSeconds, scheduleTimes } from '../../api/schedule/schedule-times.ts';
import type { ScriptSchedule } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import { EXIT } from '../exit-code.ts';
import { findFiles } from '../input/find-files.ts';
import { readText } from '../input/read-text.ts';
import { listText } from '../output/list.ts';
import { problemsCount, problemsText, unrenderedText } from '../output/problems.ts';
import { terminalStyle } from '../output/style.ts';
import { type Upcoming, upcomingText } from './upcoming-text.ts';

export interface ScheduleCommandOptions {
  readonly namespace: string;
  readonly output: 'table' | 'json' | 'yaml';
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

/** `copepod schedule`: prints the next start times of schedules without running anything. Returns the exit code. */
export async function scheduleCommand(names: readonly string[], options: ScheduleCommandOptions): Promise<number> {
  const { files, unrendered } = await findFiles(names);
  const manifests = files.filter(({ kind }) => kind === 'manifest');
  const inputs = await Promise.all(
    manifests.map(async ({ path }) => ({ file: path === '-' ? 'stdin' : path, text: await readText(path) })),
  );
  const { documents, problems } = loadManifests(inputs, { namespace: options.namespace });
  process.stderr.write(unrenderedText(unrendered));
  if (problems.length > 0) {
    process.stderr.write(problemsText(problems, terminalStyle(process.stderr)));
    process.stderr.write(`copepod: ${problemsCount(problems)}\n`);
    return EXIT.usage;
  }
  const schedules = documents.flatMap(({ object }) => (object.kind === 'ScriptSchedule' ? [object] : []));
  if (schedules.length === 0) throw new UsageError('no ScriptSchedule in the files given');
  const atMs = options.at ?? Date.now();
  const upcoming = schedules.map((schedule) => upcomingOf(schedule, atMs, options.count));
  if (options.output === 'table') process.stdout.write(upcomingText(upcoming, terminalStyle(process.stdout)));
  else {
    const items = upcoming.map(({ schedule, times }) => {
      return { ...schedule, status: { nextScheduleTimes: times.map(formatSeconds) } };
    });
    process.stdout.write(listText(items, options.output));
  }
  return EXIT.ok;
}

/** The last second that RFC 3339 can write. */
const LAST_MS = Date.parse('9999-12-31T23:59:59Z');

function upcomingOf(schedule: ScriptSchedule, atMs: number, count: number): Upcoming {
  const { zone, next } = scheduleTimes(schedule.spec);
  const times: number[] = [];
  for (let time = next(atMs); time !== undefined && time <= LAST_MS && times.length < count; time = next(time)) {
    times.push(time);
  }
  return { schedule, zone, times };
}
