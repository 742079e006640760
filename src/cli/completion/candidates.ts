import type { Argument, Command, Option } from 'commander';

/** A word that may come next. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Names that only the cluster or the kubeconfig knows. */
export type NameSource = 'executions' | 'runtimes' | 'namespaces' | 'contexts';

/** What may come next on a command line. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Paths of files may come next. */
  readonly files: boolean;
  /** Names from there may come next. */
  readonly names?: NameSource;
}

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

const NAMES_OF_OPTIONS: Readonly<Record<string, NameSource>> = {
  '--namespace': 'namespaces',
  '--context': 'contexts',
};

/**
 * What may come next. Pure.
 *
 * @param program with its commands
 * @param words after the name of the program; the last is the word to complete, which may be empty
 * @param hasCluster whether its commands are about a cluster
 */
export function completionOf(program: Command, words: readonly string[], hasCluster: boolean): Completion {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const at = before.findIndex((word) => !word.startsWith('-'));
  if (at < 0) return beginningWith(current, current.startsWith('-') ? optionsOf(program) : commandsOf(program));
  const command = program.commands.find((each) => each.name() === before[at]);
  if (command === undefined) return NOTHING;
  const given = before.slice(at + 1);
  const open = current.startsWith('-') ? undefined : openOption(command, given);
  if (open !== undefined) return beginningWith(current, valuesOf(open, hasCluster));
  const inline = /^(--[^=]+)=(.*)$/s.exec(current);
  if (inline !== null) return NOTHING;
  if (current.startsWith('-') && !given.includes('--')) return beginningWith(current, optionsOf(command));
  const argument = argumentAt(command, given);
  return argument === undefined ? NOTHING : beginningWith(current, valuesOf(argument, hasCluster));
}

function beginningWith(current: string, completion: Completion): Completion {
  const candidates = completion.candidates.filter(({ value }) => value.startsWith(current));
  return { ...completion, candidates };
}

function commandsOf(program: Command): Completion {
  const candidates = program.commands.map((each) => ({ value: each.name(), description: each.description() }));
  return { candidates, files: false };
}

function optionsOf(command: Command): Completion {
  const options = [...command.options.filter(({ hidden }) => !hidden), ...helpOf(command)];
  const candidates = options.flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));
  return { candidates, files: false };
}

const helpOf = (command: Command): readonly Option[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long === '--help');

/** The option that the last word belongs to, if its value comes next. */
function openOption(command: Command, given: readonly string[]): Option | undefined {
  const last = given.at(-1);
  if (last === undefined || !last.startsWith('-') || last.includes('=')) return undefined;
  const option = command.options.find(({ long, short }) => last === long || last === short);
  return option?.required || option?.optional ? option : undefined;
}

function valuesOf(what: Option | Argument, hasCluster: boolean): Completion {
  if (what.argChoices !== undefined) {
    return { candidates: what.argChoices.map((value) => ({ value, description: '' })), files: false };
  }
  const isArgument = !('flags' in what);
  const label = isArgument ? what.name() : what.flags;
  if (/FILE|DIR|<file>|ENTRY/.test(label)) return FILES;
  if (!hasCluster) return NOTHING;
  if (isArgument) return label.startsWith('NAME') ? { ...NOTHING, names: 'executions' } : NOTHING;
  const names = what.long === '--runtime' ? 'runtimes' : NAMES_OF_OPTIONS[what.long ?? ''];
  return names === undefined ? NOTHING : { ...NOTHING, names };
}

/** The argument that the next word is, after those given. */
function argumentAt(command: Command, given: readonly string[]): Argument | undefined {
  let index = 0;
  for (const [at, word] of given.entries()) {
    if (word.startsWith('-') && word !== '-') continue;
    if (openOption(command, given.slice(0, at)) === undefined) index += 1;
  }
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}
