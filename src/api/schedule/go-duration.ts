import { FormatError } from '../format-error.ts';

/** Nanoseconds of each unit of Go's time.ParseDuration; the two signs for micro are different characters. */
const UNIT_NANOS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['\u00b5s', 1000n],
  ['\u03bcs', 1000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const COMPONENT = /([0-9]*)(?:(\.)([0-9]*))?([^0-9.]+)/y;
const MAX = 2n ** 63n;

/**
 * Reads a duration as Go's time.ParseDuration does: `1h30m`, `1.5h`, `-10s`. It is what `@every` of a cron expression takes.
 *
 * @returns nanoseconds
 * @throws FormatError where Go refuses it
 */
export function parseGoDuration(text: string): bigint {
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0n;
  let total = 0n;
  COMPONENT.lastIndex = 0;
  for (let at = 0; at < unsigned.length || at === 0; at = COMPONENT.lastIndex) {
    const match = COMPONENT.exec(unsigned);
    const [, whole = '', , fraction = '', unit = ''] = match ?? [];
    const unitNanos = UNIT_NANOS.get(unit);
    if (unitNanos === undefined || (whole === '' && fraction === '')) throw refusal(text);
    total += BigInt(whole || '0') * unitNanos + fractionNanos(fraction, unitNanos);
    if (total > MAX) throw refusal(text);
  }
  if (text.startsWith('-')) return -total;
  if (total === MAX) throw refusal(text);
  return total;
}

/** Go reckons a fraction in doubles, from the digits that fit into 63 bits. */
function fractionNanos(digits: string, unitNanos: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (MAX - 1n) / 10n || next > MAX) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unitNanos) / scale)));
}

function refusal(text: string): FormatError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new FormatError(`${JSON.stringify(shown)} is not a duration: write one like 90s, 30m or 1h30m`);
}
