import { tableLines } from '../cluster/table.ts';
import { median } from '../statistics.ts';
import { MOMENTS, type Moment, type Moments } from './moments.ts';

/** The measurements of both variants, one round each in turn. */
export interface Figures {
  readonly fromZero: readonly Moments[];
  readonly barePod: readonly Moments[];
}

/** Maximum ratio to the bare pod. */
const MOST_TIMES = 1.3;

/** Median duration from zero divided by the median duration of the bare pod. */
export function ratioOf({ fromZero, barePod }: Figures): number {
  return medianAt(fromZero, 'end') / medianAt(barePod, 'end');
}

/** One row per moment, with its time since the create in both variants. */
export function momentsTable({ fromZero, barePod }: Figures): string {
  const rows = (Object.keys(MOMENTS) as Moment[]).map((moment) => [
    MOMENTS[moment],
    ...[fromZero, barePod].map((rounds) => cell(rounds, moment)),
  ]);
  const head = ['ms since the create, median (least to most)', 'from zero', 'bare pod'];
  return `${tableLines([head, ...rows]).join('\n')}\n`;
}

export function aimText(figures: Figures): string {
  const ratio = ratioOf(figures);
  return `  ${ratio <= MOST_TIMES ? 'met' : 'not met'}  from zero at most ${MOST_TIMES} times a bare pod, medians: ${ratio.toFixed(2)}\n`;
}

function cell(rounds: readonly Moments[], moment: Moment): string {
  const times = timesOf(rounds, moment);
  if (times.length === 0) return '';
  const [least, most] = [Math.min(...times), Math.max(...times)];
  return `${median(times).toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
}

/** Median time to a moment; NaN if it is in no round. */
export const medianAt = (rounds: readonly Moments[], moment: Moment): number => median(timesOf(rounds, moment));

function timesOf(rounds: readonly Moments[], moment: Moment): number[] {
  return rounds.flatMap(({ [moment]: time }) => (time === undefined ? [] : [time]));
}
