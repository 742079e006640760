import { formatDuration } from '../../api/duration.ts';
import { formatInZone, formatSeconds } from '../../api/schedule/schedule-times.ts';
import { spreadMs } from '../../api/schedule/spread.ts';
import type { TimeZone } from '../../api/schedule/time-zone.ts';
import { terminalText } from '../../api/text.ts';
import type { ScriptSchedule } from '../../api/types.generated.ts';
import type { Style } from '../output/style.ts';

/** The next start times of a schedule, in milliseconds since the epoch. */
export interface Upcoming {
  readonly schedule: ScriptSchedule;
  readonly zone: TimeZone;
  readonly times: readonly number[];
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Text output: a line per schedule, followed by a line per time. Pure. */
export function upcomingText(upcoming: readonly Upcoming[], style: Style): string {
  return upcoming.map((each) => `${headline(each, style)}\n${lines(each, style)}`).join('\n');
}

function headline({ schedule, zone }: Upcoming, { bold, dim }: Style): string {
  const { metadata, spec } = schedule;
  const notes = [`${spec.schedule}`, zone.name];
  const lateMs = Math.round(spreadMs(schedule) / 1000) * 1000;
  if (lateMs > 0) notes.push(`starts ${formatDuration(lateMs)} later (spread ${spec.spread})`);
  if (spec.suspend) notes.push('suspended: starts nothing');
  return `${bold(`${metadata.namespace}/${metadata.name}`)}  ${dim(terminalText(notes.join(', ')))}`;
}

function lines({ zone, times }: Upcoming, { red }: Style): string {
  if (times.length === 0) return `  ${red('never: no such time within five years')}\n`;
  return times
    .map((ms) => {
      const shown = formatInZone(ms, zone);
      const weekday = WEEKDAYS[new Date(ms + zone.spanAt(ms).offsetMs).getUTCDay()];
      return `  ${formatSeconds(ms)}${zone.name === 'UTC' ? `  ${weekday}` : `   ${weekday} ${shown.replace('T', ' ')}`}\n`;
    })
    .join('');
}
