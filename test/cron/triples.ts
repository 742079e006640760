import type { TimeZone } from '../../src/api/schedule/time-zone.ts';
import type { Random } from '../chaos/random.ts';
import type { Triple } from './support.ts';

const HOUR = 3600;

function one<T>(dice: Random, choices: readonly T[]): T {
  return dice.pick(choices) as T;
}

/** Around each change of a zone's offset: schedules that start in the hours that are skipped or come twice. */
export function aroundChanges(zone: TimeZone, changes: readonly number[]): Triple[] {
  return changes.flatMap((change) => {
    const before = zone.spanAt((change - 1) * 1000).offsetMs / 1000;
    const after = zone.spanAt(change * 1000).offsetMs / 1000;
    const shown = [before, after].map((offset) => new Date((change + offset) * 1000));
    const [low, high] = shown.map((date) => date.getUTCHours()).sort((a, b) => a - b) as [number, number];
    const day = shown[0]?.getUTCDate();
    return [
      { schedule: `15,45 ${low} * * *`, from: change - 3 * HOUR },
      { schedule: `*/20 ${low}-${high} * * *`, from: change - 1 },
      { schedule: `0 ${high} ${day} * *`, from: change - 26 * HOUR },
      { schedule: '0 0 * * *', from: change - 25 * HOUR },
      { schedule: '*/30 * * * *', from: change - 2 * HOUR + 7 },
      { schedule: '0 0 1 * 1', from: change - 40 * 24 * HOUR },
    ].map((rest) => ({ zone: zone.name, ...rest }));
  });
}

const NAMES = [
  ['jan', 'FEB', 'Mar', 'dec', 'sep'],
  ['sun', 'MON', 'Fri', 'sat', 'wed'],
] as const;
const BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

/** An expression that is well-formed: it may still never match, as the 31st of February. */
export function randomSchedule(dice: Random): string {
  if (dice.chance(1 / 25))
    return one(dice, ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
  if (dice.chance(1 / 25))
    return `@every ${one(dice, ['90s', '1h30m', '1.5h', '25h', '10ms', '-5m', '3m7.9s', '1h0.5s', '100000h'])}`;
  return BOUNDS.map((_, index) => randomField(dice, index)).join(one(dice, [' ', ' ', '  ', '\t']));
}

function randomField(dice: Random, index: number): string {
  const [min, max] = BOUNDS[index] as readonly [number, number];
  const value = (): number => dice.between(min, max);
  const named = (number: number): string => {
    const names = NAMES[index - 3];
    return names !== undefined && dice.chance(1 / 3) ? one(dice, names) : String(number);
  };
  const entry = (): string => {
    const [a, b] = [value(), value()].sort((one, other) => one - other) as [number, number];
    const step = one(dice, ['', '', '', `/${dice.between(1, 9)}`]);
    return one(dice, [`${one(dice, ['*', '?'])}${step}`, `${a}${step}`, `${a}-${b}${step}`, named(a)]);
  };
  if (dice.chance(1 / 3)) return '*';
  return Array.from({ length: dice.between(1, 3) }, entry).join(',');
}

// biome-ignore format: a list
const TOKENS = [
  '*', '*', '*', '?', '0', '5', '59', '60', '24', '31', '32', '7', '13', '-', '/', ',', '-1', '+5', '05', '1-5', '5-1', '*/0', '*/1',
  '*/2', '*/99', '1/2', '1-2/3', '1-2-3', '1/2/3', 'mon', 'MON-FRI', 'fri-mon', 'january', 'jan', 'L', 'W', '5L', '#', 'mon#2', 'H',
  '1.5', '1e1', ',', '1,,2', '*-7', '?-x', '/5', '5/', '-', '*/', '9223372036854775808', '*/9223372036854775807', 'é', '１', '\u00a0',
] as const;
// biome-ignore format: a list
const WHOLE = [
  '', ' ', '@', '@daily ', ' @daily', '@Daily', '@every', '@every ', '@every 5', '@every 0', '@every -0', '@every +1h', '@every 1h 1m',
  '@every  1m', '@every 1m ', '@every .5h', '@every 1.h', '@every .h', '@every 1x', '@every 1µs', '@every 1μs', '@every 2562047h47m16.854775807s',
  '@every 2562047h47m16.854775808s', '@every 9223372036854775807ns', '@every 9223372036854775808ns', '@every -9223372036854775808ns', '@reboot',
  '@every 1h1h', '@every 1.1234567890123456789s', '@every 00000000000000000001s', '@constructor', '@hourly@', 'TZ=UTC * * * * *', 'TZ=UTC',
  'CRON_TZ=Europe/Berlin 0 0 * * *', '* * * * TZ', '* * * * * *', '* * * *', '0 0 0 0 0', '\n* * * * *\n', '*\u2003* * * *', '*\u0085* * * *',
  '*\ufeff* * * *', '* * * * sunday', '* * * * 7', '0 0 30 2 *', '0 0 31 2,4,6 ?', ', * * * *', '* , * * *', '* * , * *', '* * * , *', '* * * * ,',
  '* * , * 1', '* * 1 * ,',
] as const;

/** Expressions that a CronJob mostly refuses. */
export function* brokenSchedules(dice: Random, count: number): Generator<string> {
  yield* WHOLE;
  for (let made = WHOLE.length; made < count; made++) {
    const length = one(dice, [4, 5, 5, 5, 5, 5, 5, 6]);
    const good = randomSchedule(dice).split(/\s+/);
    yield Array.from({ length }, (_, index) => (dice.chance(1 / 3) ? one(dice, TOKENS) : (good[index] ?? '*'))).join(
      ' ',
    );
  }
}
