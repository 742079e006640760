/** What differs from run to run, and what stands for it. The order counts. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
  [/\x1b\[[\d;]*m/g, ''],
  // Lines of progress, which a short execution leaves no time for.
  [/^It runs on pod .*\n/gm, ''],
  [/^waiting: Pending: .*\n/gm, ''],
  [/\b[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)/g, 'LOCAL TIME'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID'],
  [/\bcopepod-debug-\w{6}\b/g, 'copepod-debug-RANDOM'],
  [/\b[0-9a-f]{5,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, 'RANDOM'],
  [/-[a-z0-9]{5}(?=[ "/.:]|$)/gm, '-RANDOM'],
  [/-t[0-9a-f]{8}(?= )/g, '-TRIGGER'],
  [/\b\d+(\.\d+)? ?(ms|s|m|h|d)(\d+(s|m|h))?(?!\w)/g, 'DURATION'],
  // What `kubectl copepod top` counts of a runtime: some of it is ten seconds old.
  [/\b\d+\/\d+ +\d+\/\d+( +\d+){4}\b/g, 'COUNTS'],
  // Tables: the width of a column follows from its longest cell.
  [/ {2,}/g, '  '],
  [/ +$/gm, ''],
];

/** A text in which what differs from run to run has been replaced. */
export function stable(text: string): string {
  return PLACEHOLDERS.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text);
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Whether an output is what a page shows. `...` on the page stands for anything: a line of it for any lines. */
export function isShown(shown: readonly string[], output: string): boolean {
  const pattern = stable(shown.join('\n'))
    .split('\n')
    .map((line) => (line.trim() === '...' ? '(?:.*\\n)*?' : `${line.split('...').map(escaped).join('.*')}\\n`))
    .join('');
  return new RegExp(`^\\s*${pattern}\\s*$`).test(`${stable(output).trimEnd()}\n`);
}
