import type { Snippet } from './snippet.ts';

/** A command of a block, with what the page shows of its output. */
export interface DocumentedCommand {
  readonly at: string;
  readonly text: string;
  /** Lines that it prints; none where the page shows none. */
  readonly output: readonly string[];
  /** From a comment behind it, such as `# exit code 1`; else 0. */
  readonly exitCode: number;
  readonly place: Place;
  /** The folder that it is run in: that of the page's commands before it, or another one of the repository. */
  readonly directory?: string;
  /** It runs until it is interrupted. Where the page shows `^C`, that is then. */
  readonly isServer: boolean;
  /** It only reads what becomes of a cluster, so it may be repeated until it shows what the page does. */
  readonly isRead: boolean;
}

/** Where a command can be run: here, on a cluster; `make` and `helm` have tests of their own. */
export type Place = 'laptop' | 'cluster' | 'make' | 'helm';

/** The commands of a block. In `console`, they follow `$ ` and their output follows them; in `sh`, each line is one. */
export function commandsOf({ page, line, language, text, notes }: Snippet): DocumentedCommand[] {
  const lines = text.trimEnd().split('\n');
  const commands: DocumentedCommand[] = [];
  for (let index = 0; index < lines.length; ) {
    const at = `${page}:${line + 1 + index}`;
    const first = lines[index] ?? '';
    index++;
    if (language === 'console' ? !first.startsWith('$ ') : first.trim() === '' || first.startsWith('#')) continue;
    const command = [language === 'console' ? first.slice(2) : first];
    while (command.at(-1)?.endsWith('\\')) command.push(lines[index++] ?? '');
    const [, end] = /<<'?(\w+)'?/.exec(first) ?? [];
    if (end !== undefined) while (index < lines.length && command.at(-1) !== end) command.push(lines[index++] ?? '');
    const output: string[] = [];
    while (language === 'console' && index < lines.length && !lines[index]?.startsWith('$ '))
      output.push(lines[index++] ?? '');
    while (output.at(-1) === '') output.pop();
    const directory = notes.in === undefined ? {} : { directory: notes.in };
    const described = describe(command.join('\n'));
    // What follows a command on a cluster may depend on it.
    const follows = described.place === 'laptop' && commands.at(-1)?.place === 'cluster';
    commands.push({ at, output, ...directory, ...described, ...(follows ? { place: 'cluster' } : {}) });
  }
  return commands;
}

function describe(text: string): Omit<DocumentedCommand, 'at' | 'output'> {
  return {
    text,
    exitCode: Number(/#.*\bexit code (\d+)/.exec(text)?.[1] ?? 0),
    place: placeOf(text),
    isRead: /^kubectl (-n \S+ )?(get|describe|copepod (explain|top)) /.test(`${text} `) && !text.includes(';'),
    isServer: /^(npx )?copepod gateway|port-forward|--watch\b/.test(text),
  };
}

function placeOf(text: string): Place {
  if (/^(\w+=\S+ )*make |\$\(make /.test(text)) return 'make';
  if (/^helm /.test(text)) return 'helm';
  return /\bkubectl (?!kustomize)/.test(text) ? 'cluster' : 'laptop';
}
