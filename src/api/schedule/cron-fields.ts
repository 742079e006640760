import { FormatError } from '../format-error.ts';

/** The values of one field of a cron expression. */
export interface FieldValues {
  readonly values: ReadonlySet<number>;
  /**
   * Whether an entry is `*`, `?` or a step of 1 over it. It decides whether day of month and day of week must both match, or
   * either: see `matchesDay`. A step above 1 (`*` with `/2`) restricts the field.
   */
  readonly isStar: boolean;
}

interface FieldKind {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

/** The five fields, in the order in which they are written. */
export const FIELD_KINDS = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of week', min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const satisfies readonly FieldKind[];

/** The largest number that Go's strconv.Atoi reads. */
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Reads one field: entries with commas between them, each `*`, `?`, a value, a range, or one of these with a step. As robfig/cron
 * v3.0.1 does, empty entries are skipped, `N/S` means from N to the largest value, and what follows the hyphen of `*-N` is ignored.
 *
 * @throws FormatError where it cannot be read
 */
export function parseField(text: string, kind: FieldKind): FieldValues {
  const values = new Set<number>();
  let isStar = false;
  for (const entry of text.split(',')) {
    if (entry === '') continue;
    const { first, last, step, star } = parseEntry(entry, kind);
    for (let value = first; value <= last; value += step) values.add(value);
    isStar ||= star;
  }
  return { values, isStar };
}

interface Entry {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly star: boolean;
}

function parseEntry(entry: string, kind: FieldKind): Entry {
  const [range = '', stepText, ...moreSteps] = entry.split('/');
  const [low = '', high, ...moreHighs] = range.split('-');
  if (moreSteps.length > 0) throw refusal(kind, entry, 'has more than one slash');
  const anything = low === '*' || low === '?';
  if (!anything && moreHighs.length > 0) throw refusal(kind, entry, 'has more than one hyphen');
  const first = anything ? kind.min : parseValue(low, entry, kind);
  let last = anything ? kind.max : high === undefined ? first : parseValue(high, entry, kind);
  let step = 1;
  if (stepText !== undefined) {
    step = parseNumber(stepText, entry, kind, 'its step');
    if (high === undefined) last = kind.max;
  }
  if (first < kind.min) throw refusal(kind, entry, `${first} is below ${kind.min}`);
  if (last > kind.max) throw refusal(kind, entry, `${last} is above ${kind.max}`);
  if (first > last) throw refusal(kind, entry, 'begins after its end');
  if (step === 0) throw refusal(kind, entry, 'has a step of 0');
  return { first, last, step, star: anything && step === 1 };
}

function parseValue(text: string, entry: string, kind: FieldKind): number {
  const index = kind.names?.indexOf(text.toLowerCase()) ?? -1;
  return index >= 0 ? kind.min + index : parseNumber(text, entry, kind, JSON.stringify(text));
}

function parseNumber(text: string, entry: string, kind: FieldKind, what: string): number {
  if (!/^\+?[0-9]+$/.test(text)) {
    const examples = kind.names === undefined ? '' : ` or a name such as ${kind.names[1]}`;
    throw refusal(kind, entry, `${what} is not a number${examples}`);
  }
  const digits = text.replace(/^\+/, '');
  if (digits.length > 18 && BigInt(digits) > MAX_INT64) throw refusal(kind, entry, `${what} is too large a number`);
  return Number(digits);
}

function refusal(kind: FieldKind, entry: string, message: string): FormatError {
  const shown = entry.length > 40 ? `${entry.slice(0, 40)}…` : entry;
  return new FormatError(`${kind.name} ${JSON.stringify(shown)}: ${message} (from ${kind.min} to ${kind.max})`);
}
