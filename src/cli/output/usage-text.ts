import { type Argument, Help, type Option } from 'commander';

/**
 * Commander's words about wrong usage in the form of all other errors: what is wrong, and below it, indented, what to do.
 *
 * @param text as commander writes it: `error: unknown option '--timout'\n(Did you mean --timeout?)\n`
 * @param command whose help has more: `copepod run`
 */
export function usageText(text: string, command: string): string {
  const message = text.replace(/^error: /, '').trimEnd();
  const [, problem = message, advice = ''] = ADVISED.exec(message) ?? [];
  const hint = advice === '' ? `'${command} --help' shows what there is` : advice.replace(/[.)]$/, '');
  return `${problem}\n  ${hint.charAt(0).toLowerCase()}${hint.slice(1)}`;
}

/** A problem, and behind it `(Did you mean ...?)`, `Allowed choices are ...`, `Expected ...`, or what a parser of a value says. */
const ADVISED = /^(.*?)(?:\n\(|(?<=' is invalid)\. |\. (?=Allowed |Expected ))(.*)$/s;

const help = new Help();

/** An option in the help, its choices and its default without the quotation marks that commander gives texts alone. */
export const optionDescription = (option: Option): string => unquoted(help.optionDescription(option));

/** The same of an argument. */
export const argumentDescription = (argument: Argument): string => unquoted(help.argumentDescription(argument));

const unquoted = (description: string): string =>
  description.replace(/ \((?:choices|default): .*\)$/, (added) =>
    added.replaceAll('"', '').replace(', default:', '; default:'),
  );
