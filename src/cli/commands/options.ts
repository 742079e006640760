import { type Command, InvalidArgumentError, Option } from 'commander';
import { isDnsLabel, isTime } from '../../api/kubernetes-names.ts';

/** `-o FORMAT`; the first format is the default. */
export function formatOption(formats: readonly [string, ...string[]]): Option {
  return new Option('-o, --output <format>', 'output format').choices(formats).default(formats[0]);
}

/** `-n NAMESPACE`. */
export function namespaceOption(): Option {
  return new Option('-n, --namespace <name>', 'namespace of objects without one')
    .default('default')
    .argParser(namespaceName);
}

/** Parses the name of a namespace. */
export function namespaceName(text: string): string {
  if (!isDnsLabel(text)) throw new InvalidArgumentError("Use lower-case letters, digits and '-', at most 63.");
  return text;
}

/** Collects a repeatable option. */
export function repeatable(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** Parses a whole number of at least 1. */
export function positiveInteger(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1 to 9999.');
  return Number(text);
}

/** `FILE...`, the argument of several commands. */
export function filesArgument(command: Command): Command {
  return command.argument('[FILE|DIR|-...]', 'manifests, scripts, directories of manifests, or - for standard input');
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** Parses a time (RFC 3339, seconds are optional) to milliseconds since the epoch. */
export function time(text: string): number {
  const whole = text.replace(/^([^T]*T\d\d:\d\d)(?=Z|[+-])/, '$1:00');
  // Date.parse alone takes 30 February for 2 March.
  const ms = TIME.test(text) && isTime(whole) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(ms))
    throw new InvalidArgumentError('Write a time like 2027-03-28T01:30:00Z or 2027-03-28T02:30+01:00.');
  return ms;
}
