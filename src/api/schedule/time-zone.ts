import { FormatError } from '../format-error.ts';
import { nearest } from '../suggest.ts';
import { TIME_ZONE_ALIASES } from './time-zone-aliases.ts';

/** A stretch of time in which a zone's clocks have the same offset. */
export interface ZoneSpan {
  /** The first instant of it, in milliseconds since the epoch. */
  readonly startMs: number;
  /** The first instant after it. */
  readonly endMs: number;
  /** What the zone's clocks show less UTC. */
  readonly offsetMs: number;
}

/** The offsets of a time zone. */
export interface TimeZone {
  readonly name: string;
  /** The span around an instant. Two spans beside each other can have the same offset. */
  spanAt(ms: number): ZoneSpan;
}

/** Names of what a CronJob takes for a zone: parts of at most 14 characters. */
const NAME = /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}(\/[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13})*$/;

const zones = new Map<string, TimeZone>();

/**
 * The zone of a name of the IANA time zone database, by the copy of it that Node brings along (`process.versions.tz`).
 *
 * @throws FormatError where a CronJob with it would be refused: no such zone, another case, `Local`, an offset such as `+02:00`
 */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = new IntlZone(name, formatterOf(name));
  zones.set(name, zone);
  return zone;
}

function formatterOf(name: string): Intl.DateTimeFormat {
  if (!NAME.test(name) || name.split('/').some((part) => part === '.' || part === '..')) throw refusal(name);
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw refusal(name);
  }
  // Node takes names in any case; the files that a CronJob's zone is read from have one.
  const canonical = canonicalName(name, formatter);
  if (canonical !== name)
    throw new FormatError(`unknown time zone ${JSON.stringify(name)}: did you mean ${canonical}?`);
  return formatter;
}

function canonicalName(name: string, formatter: Intl.DateTimeFormat): string {
  const { timeZone: resolved } = formatter.resolvedOptions();
  if (resolved === name || TIME_ZONE_ALIASES.has(name)) return name;
  const lower = name.toLowerCase();
  if (resolved.toLowerCase() === lower) return resolved;
  for (const alias of TIME_ZONE_ALIASES) if (alias.toLowerCase() === lower) return alias;
  return name; // an alias that is younger than this list
}

function refusal(name: string): FormatError {
  const hint = nearest(name, [...Intl.supportedValuesOf('timeZone'), ...TIME_ZONE_ALIASES]);
  const advice = hint === undefined ? 'write a name such as Europe/Berlin' : `did you mean ${hint}?`;
  return new FormatError(`unknown time zone ${JSON.stringify(name.slice(0, 80))}: ${advice}`);
}

const DAY_MS = 86_400_000;
/** No zone has ever changed its offset to and fro within so short a time. */
const SAMPLE_MS = 7 * DAY_MS;

/** A zone by Node's `Intl`. Each year's spans are looked for once. */
class IntlZone implements TimeZone {
  readonly name: string;
  readonly #formatter: Intl.DateTimeFormat;
  readonly #years = new Map<number, readonly ZoneSpan[]>();

  constructor(name: string, formatter: Intl.DateTimeFormat) {
    this.name = name;
    this.#formatter = formatter;
  }

  spanAt(ms: number): ZoneSpan {
    const year = new Date(ms).getUTCFullYear();
    let spans = this.#years.get(year);
    if (spans === undefined) {
      spans = this.#spansOf(year);
      this.#years.set(year, spans);
    }
    return spans.find(({ endMs }) => ms < endMs) as ZoneSpan;
  }

  #spansOf(year: number): readonly ZoneSpan[] {
    const endMs = Date.UTC(year + 1, 0, 1);
    const spans: ZoneSpan[] = [];
    let startMs = Date.UTC(year, 0, 1);
    let offsetMs = this.#offsetAt(startMs);
    for (let at = startMs; at < endMs; ) {
      const next = Math.min(at + SAMPLE_MS, endMs);
      const nextOffsetMs = this.#offsetAt(next);
      if (nextOffsetMs !== offsetMs) {
        const changeMs = this.#changeBetween(at, next, offsetMs);
        spans.push({ startMs, endMs: changeMs, offsetMs });
        startMs = changeMs;
        offsetMs = nextOffsetMs;
      }
      at = next;
    }
    if (startMs < endMs) spans.push({ startMs, endMs, offsetMs });
    return spans;
  }

  /** The first whole second at which the offset is not `beforeMs` any more. */
  #changeBetween(fromMs: number, toMs: number, beforeMs: number): number {
    let [low, high] = [fromMs / 1000, toMs / 1000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetAt(middle * 1000) === beforeMs) low = middle;
      else high = middle;
    }
    return high * 1000;
  }

  /** @param ms a whole second */
  #offsetAt(ms: number): number {
    const [month = 0, day, year = 0, hour, minute, second] = [...this.#formatter.format(ms).matchAll(/\d+/g)].map(
      Number,
    );
    return Date.UTC(year, month - 1, day, hour, minute, second) - ms;
  }
}
