import type { Deviation } from './deviations.ts';
import type { Failure, FileTally } from './tally.ts';

/** What the files of one area gave. */
export interface AreaReport {
  readonly title: string;
  readonly files: readonly { readonly path: string; readonly tally: FileTally }[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** The table of all areas, in Markdown. */
export function tableOf(areas: readonly AreaReport[]): string {
  const rows = areas.map(({ title, files }) => {
    const [tried, passed, passedInNode] = sums(files);
    return [title, files.length, tried, passed, passedInNode];
  });
  const all = sums(areas.flatMap(({ files }) => files));
  rows.push(['all', areas.reduce((sum, { files }) => sum + files.length, 0), ...all]);
  const lines = [['area', 'files', 'tests', 'pass in the sandbox', 'pass in Node'], Array(5).fill('---'), ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function sums(files: AreaReport['files']): [tried: number, passed: number, passedInNode: number] {
  const sum = (key: 'tried' | 'passed' | 'passedInNode'): number =>
    files.reduce((total, { tally }) => total + tally[key], 0);
  return [sum('tried'), sum('passed'), sum('passedInNode')];
}

/** Names that are listed of tests that fail in one way; the rest is counted. */
const MAX_NAMES = 3;

/** The tests that do not pass, by files, each file with the reasons that there are. */
export function failuresOf({ files }: AreaReport, deviations: readonly Deviation[]): string {
  return files
    .filter(({ tally }) => tally.failures.length > 0)
    .map(({ path, tally }) => {
      const ways = Map.groupBy(tally.failures, ({ name, message, inNode }) =>
        JSON.stringify([message.replaceAll('\n', ' '), inNode, reasonOf(path, name, deviations)]),
      );
      const parts = [...ways].map(([way, failures]) => wayText(way, failures));
      return `  ${path}\n${parts.join('')}`;
    })
    .join('');
}

function wayText(way: string, failures: readonly Failure[]): string {
  const [message, inNode, reason] = JSON.parse(way) as [string, boolean, string | null];
  const names = failures.slice(0, MAX_NAMES).map(({ name }) => `    ${name}\n`);
  const more = failures.length > MAX_NAMES ? `    and ${failures.length - MAX_NAMES} more\n` : '';
  const why = reason === null ? '' : `        why: ${reason}\n`;
  return `${names.join('')}${more}        ${inNode ? '(as in Node) ' : ''}${message}\n${why}`;
}

/** How many tests pass in Node, do not pass in the sandbox, and have no reason. */
export function unexplained(areas: readonly AreaReport[], deviations: readonly Deviation[]): number {
  let count = 0;
  for (const { path, tally } of areas.flatMap(({ files }) => files)) {
    for (const { name, inNode } of tally.failures)
      if (!inNode && reasonOf(path, name, deviations) === undefined) count++;
  }
  return count;
}

function reasonOf(path: string, name: string, deviations: readonly Deviation[]): string | undefined {
  return deviations.find((each) => path.startsWith(each.path) && (each.tests?.test(name) ?? true))?.reason;
}
