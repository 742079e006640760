import { execFileSync } from 'node:child_process';
import type { TimeZone, ZoneSpan } from '../../src/api/schedule/time-zone.ts';
import { goProgram } from '../support/go-program.ts';

/** An expression, a zone, and the instant after which its times are asked for, in seconds since the epoch. */
export interface Triple {
  readonly schedule: string;
  readonly zone: string;
  readonly from: number;
}

/** What robfig/cron makes of a triple. */
export interface CronAnswer {
  /** Why it is refused. */
  readonly error?: string;
  /** Seconds since the epoch. */
  readonly times?: readonly number[];
}

/** Asks github.com/robfig/cron v3.0.1 for the next `count` times of each triple. */
export function askRobfig(triples: readonly Triple[], count: number): CronAnswer[] {
  return ask(triples.map((triple) => ({ ...triple, count })));
}

/** Go's time zones, each with its offsets between two instants (seconds since the epoch); undefined where Go has no such zone. */
export function goZones(names: readonly string[], from: number, to: number): (TimeZone | undefined)[] {
  const answers = ask<{ spans?: [number, number][] }>(names.map((zone) => ({ ask: 'zones', zone, from, to })));
  return answers.map(({ spans }, index) => spans && new ZoneOfSpans(names[index] ?? '', spans));
}

function ask<T>(questions: readonly object[]): T[] {
  const program = goProgram(new URL('./robfig/', import.meta.url), 'robfig', "CronJobs' cron expressions and zones");
  const input = questions.map((question) => JSON.stringify(question)).join('\n');
  const output = execFileSync(program, { input: `${input}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** A zone by a list of the instants from which its offsets hold. */
class ZoneOfSpans implements TimeZone {
  readonly name: string;
  readonly spans: readonly ZoneSpan[];

  constructor(name: string, spans: readonly [number, number][]) {
    this.name = name;
    this.spans = spans.map(([start, offset], index) => ({
      startMs: index === 0 ? Number.NEGATIVE_INFINITY : start * 1000,
      endMs: (spans[index + 1]?.[0] ?? Number.POSITIVE_INFINITY) * 1000,
      offsetMs: offset * 1000,
    }));
  }

  spanAt(ms: number): ZoneSpan {
    return this.spans.find(({ endMs }) => ms < endMs) as ZoneSpan;
  }
}
