import { FormatError } from '../format-error.ts';
import { FIELD_KINDS, type FieldValues, parseField } from './cron-fields.ts';
import { parseGoDuration } from './go-duration.ts';

/** A cron expression with five fields. */
export interface CronFields {
  readonly kind: 'fields';
  readonly minute: FieldValues;
  readonly hour: FieldValues;
  readonly dayOfMonth: FieldValues;
  readonly month: FieldValues;
  readonly dayOfWeek: FieldValues;
}

/** `@every DURATION`: a start so long after the one before it. */
export interface CronInterval {
  readonly kind: 'interval';
  /** Whole seconds, at least 1000. */
  readonly delayMs: number;
}

/** When a schedule starts. */
export type CronExpression = CronFields | CronInterval;

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const EVERY = '@every ';
/** What Go's unicode.IsSpace takes for one. */
const SPACES = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const NANOS_A_SECOND = 1_000_000_000n;

/**
 * Reads a cron expression as a Kubernetes CronJob does: by the rules of ParseStandard of github.com/robfig/cron/v3 v3.0.1, without
 * a time zone in it. Libraries for JavaScript have other rules (docs/schedules.md); test/cron compares these with the original.
 *
 * @throws FormatError where a CronJob with it would be refused
 */
export function parseCron(text: string): CronExpression {
  if (text === '') throw new FormatError('is empty: write five fields, such as "30 6 * * 1-5", or @daily');
  if (text.includes('TZ')) throw new FormatError('must not name a time zone: write it in timeZone');
  if (text.startsWith(EVERY)) return interval(text.slice(EVERY.length));
  const standard = text.startsWith('@') ? descriptor(text) : text;
  const fields = standard.split(SPACES).filter((field) => field !== '');
  if (fields.length !== FIELD_KINDS.length) {
    const names = 'minute, hour, day of month, month and day of week';
    throw new FormatError(`must have five fields (${names}), not ${fields.length}`);
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = FIELD_KINDS.map((kind, index) =>
    parseField(fields[index] ?? '', kind),
  ) as [FieldValues, FieldValues, FieldValues, FieldValues, FieldValues];
  return { kind: 'fields', minute, hour, dayOfMonth, month, dayOfWeek };
}

function descriptor(text: string): string {
  const fields = DESCRIPTORS[text];
  if (fields !== undefined && Object.hasOwn(DESCRIPTORS, text)) return fields;
  const known = [...Object.keys(DESCRIPTORS), '@every DURATION'].join(', ');
  throw new FormatError(`${JSON.stringify(text.slice(0, 40))} is unknown: write one of ${known}`);
}

function interval(text: string): CronInterval {
  const nanos = parseGoDuration(text);
  const seconds = nanos < NANOS_A_SECOND ? 1n : nanos / NANOS_A_SECOND;
  return { kind: 'interval', delayMs: Number(seconds) * 1000 };
}
