import { FormatError } from './format-error.ts';

/** Durations of the Gateway API (GEP-2257): up to four numbers of up to five digits, each with a unit. */
const DURATION = /^(?:[0-9]{1,5}(?:h|m|s|ms)){1,4}$/;
const COMPONENT = /([0-9]+)(ms|h|m|s)/g;

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const UNIT_MS: ReadonlyMap<string, number> = new Map(UNITS);

/** The longest duration `formatDuration` can write, in milliseconds. */
export const MAX_DURATION_MS = 99_999 * 3_600_000 + 59 * 60_000 + 59 * 1000 + 999;

/**
 * Parses a duration such as `250ms`, `30s` or `1h30m`.
 *
 * @returns milliseconds
 * @throws FormatError if the text is not a duration
 */
export function parseDuration(text: string): number {
  if (!DURATION.test(text)) {
    throw new FormatError(`${quote(text)} is not a duration: write one like 250ms, 30s or 1h30m`);
  }
  let totalMs = 0;
  for (const [, digits, unit] of text.matchAll(COMPONENT)) {
    totalMs += Number(digits) * (UNIT_MS.get(unit ?? '') ?? 0);
  }
  return totalMs;
}

/**
 * Formats a duration with the largest exact units: `5400000` becomes `1h30m`.
 *
 * @param durationMs whole milliseconds, at most `MAX_DURATION_MS`
 * @throws RangeError for any other value
 */
export function formatDuration(durationMs: number): string {
  if (!Number.isInteger(durationMs) || durationMs < 0 || durationMs > MAX_DURATION_MS) {
    throw new RangeError(`not a duration in whole milliseconds: ${durationMs}`);
  }
  let restMs = durationMs;
  let text = '';
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
