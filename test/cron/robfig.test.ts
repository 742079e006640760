import { describe, expect, test } from '@jest/globals';
import { type CronExpression, parseCron } from '../../src/api/schedule/cron-expression.ts';
import { nextTime } from '../../src/api/schedule/next-time.ts';
import { type TimeZone, timeZone } from '../../src/api/schedule/time-zone.ts';
import { TIME_ZONE_ALIASES } from '../../src/api/schedule/time-zone-aliases.ts';
import { Random } from '../chaos/random.ts';
import { askRobfig, type CronAnswer, goZones, type Triple } from './support.ts';
import { aroundChanges, brokenSchedules, randomSchedule } from './triples.ts';

const NAMES = [
  ...new Set([...Intl.supportedValuesOf('timeZone'), ...TIME_ZONE_ALIASES, 'UTC', 'Etc/GMT+5', 'Etc/GMT-14']),
].sort();
const FROM = Date.UTC(2026, 10, 1) / 1000;
const TO = Date.UTC(2037, 0, 1) / 1000;
const COUNT = 5;

/** The zones that both know. Where the two copies of the time zone database differ, Go's is taken for both. */
const zones = new Map<string, TimeZone>();
const changes = new Map<string, number[]>();
const differing: string[] = [];
for (const [index, theirs] of goZones(NAMES, FROM - 400 * 86_400, TO + 7 * 366 * 86_400).entries()) {
  if (theirs === undefined) continue;
  const name = NAMES[index] as string;
  const isSame = [...spansBetween(theirs)].every(({ at, offsetMs }) => {
    const ours = timeZone(name);
    return (
      ours.spanAt(at).offsetMs === offsetMs && ours.spanAt(at - 1000).offsetMs === theirs.spanAt(at - 1000).offsetMs
    );
  });
  if (!isSame) differing.push(name);
  zones.set(name, isSame ? timeZone(name) : theirs);
  const starts = [...spansBetween(theirs)].map(({ at }) => at / 1000);
  changes.set(
    name,
    starts.filter((at) => at > FROM && at < TO),
  );
}

function* spansBetween(zone: TimeZone): Generator<{ at: number; offsetMs: number }> {
  let at = FROM * 1000;
  while (at < TO * 1000) {
    const { endMs, offsetMs } = zone.spanAt(at);
    yield { at, offsetMs };
    at = endMs;
  }
}

function ours({ schedule, zone, from }: Triple): CronAnswer {
  let expression: CronExpression;
  try {
    expression = parseCron(schedule);
  } catch (error) {
    return { error: (error as Error).message };
  }
  const times: number[] = [];
  for (let at: number | undefined = from * 1000; times.length < COUNT; ) {
    at = nextTime(expression, zones.get(zone) as TimeZone, at);
    if (at === undefined) break;
    times.push(at / 1000);
  }
  return { times };
}

/** The triples that the two do not agree on, as text: a readable failure. */
function differences(triples: readonly Triple[]): string[] {
  const answers = askRobfig(triples, COUNT);
  return triples.flatMap((triple, index) => {
    const theirs = answers[index] as CronAnswer;
    const mine = ours(triple);
    const agree =
      (theirs.error === undefined) === (mine.error === undefined) &&
      JSON.stringify(theirs.times ?? []) === JSON.stringify(mine.times ?? []);
    return agree ? [] : [JSON.stringify({ ...triple, theirs, mine })];
  });
}

describe('a schedule starts when a CronJob would, by robfig/cron v3.0.1', () => {
  test('around each change of each zone of the next ten years', () => {
    const triples = NAMES.flatMap((name) => {
      const zone = zones.get(name);
      return zone === undefined ? [] : aroundChanges(zone, changes.get(name) ?? []);
    });
    expect(triples.length).toBeGreaterThan(20_000);
    expect(differences(triples)).toEqual([]);
  });

  test('for random expressions, zones and instants', () => {
    const dice = new Random(1);
    const known = [...zones.keys()];
    const triples = Array.from({ length: 8000 }, () => ({
      schedule: randomSchedule(dice),
      zone: dice.pick(known) as string,
      from: FROM + dice.between(0, TO - FROM - 1),
    }));
    expect(differences(triples)).toEqual([]);
  });

  test('for expressions that are mostly refused', () => {
    const triples = [...brokenSchedules(new Random(2), 4000)].map((schedule) => ({
      schedule,
      zone: 'UTC',
      from: FROM,
    }));
    expect(differences(triples)).toEqual([]);
    const refused = triples.filter((triple) => ours(triple).error !== undefined).length;
    expect(refused).toBeGreaterThan(1000);
  });

  test('zones: Go and Node know the same names, and their offsets but where their time zone databases are of different age', () => {
    expect(NAMES.filter((name) => !zones.has(name))).toEqual([]);
    expect(NAMES.filter((name) => timeZone(name).name !== name)).toEqual([]);
    // A new edition of the database changes a handful of zones; were it more, the comparison above would be worth little.
    expect(differing.length).toBeLessThan(30);
  });
});
