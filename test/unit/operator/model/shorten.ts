import type { Event, Moment, Schedule } from './schedule.ts';

/** Maximum number of schedules tried. */
const MOST = 250;

/** Shrinks a failing schedule by simple steps, greedily. */
export async function shorten(schedule: Schedule, fails: (schedule: Schedule) => Promise<boolean>): Promise<Schedule> {
  let shortest = schedule;
  let tries = 0;
  for (let found: Schedule | undefined = schedule; found !== undefined; ) {
    found = undefined;
    for (const shorter of shorterThan(shortest)) {
      tries += 1;
      if (tries > MOST) return shortest;
      if (!(await fails(shorter))) continue;
      shortest = shorter;
      found = shorter;
      break;
    }
  }
  return shortest;
}

/** Schedules with one simplification, the largest first. */
function* shorterThan({ seed, clockSkewS, moments }: Schedule): Generator<Schedule, void> {
  for (let size = moments.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= moments.length; at += size) {
      yield { seed, clockSkewS, moments: moments.toSpliced(at, size) };
    }
  }
  if (seed !== 0) yield { seed: 0, clockSkewS, moments };
  if (clockSkewS !== 0) yield { seed, clockSkewS: 0, moments };
  for (const [at, moment] of moments.entries()) {
    for (const simpler of simplerThan(moment)) yield { seed, clockSkewS, moments: moments.with(at, simpler) };
  }
}

function* simplerThan({ after, event }: Moment): Generator<Moment, void> {
  if (after > 0) yield { after: 0, event };
  if (after > 1) yield { after: Math.floor(after / 2), event };
  if (after > 2) yield { after: after - 1, event };
  if (event.kind === 'create') {
    const simple: Event = { kind: 'create', script: 'quick', backoffLimit: 0 };
    if (event.script !== simple.script) yield { after, event: { ...event, script: 'quick' } };
    if (event.backoffLimit !== 0) yield { after, event: { ...event, backoffLimit: 0 } };
  }
  if ('ms' in event && event.ms > 300) yield { after, event: { ...event, ms: 300 } };
}
