import type { Command } from 'commander';
import { type Candidate, completionOf } from './candidates.ts';

/** Directives of cobra's completion protocol, which kubectl and our shell scripts read. */
const DEFAULT = 0;
const NO_FILES = 4;

/**
 * Prints what may come next on a command line in cobra's protocol: a candidate a line, with its description behind a tab,
 * and a last line `:DIRECTIVE`. Never fails: a shell has no place for errors.
 *
 * @param program with its commands
 * @param words after the name of the program; the last is the word to complete
 * @param hasCluster whether its commands are about a cluster, which is asked for names
 */
export async function complete(program: Command, words: readonly string[], hasCluster: boolean): Promise<void> {
  const { candidates, files, names } = completionOf(program, words, hasCluster);
  const current = words.at(-1) ?? '';
  const found: Candidate[] = [...candidates];
  if (names !== undefined) {
    const { clusterNames } = await import('../kubectl/cluster-names.ts');
    const values = await clusterNames(names, words);
    found.push(...values.filter((value) => value.startsWith(current)).map((value) => ({ value, description: '' })));
  }
  const lines = found.map(({ value, description }) => (description === '' ? value : `${value}\t${description}`));
  process.stdout.write(`${[...lines, `:${files ? DEFAULT : NO_FILES}`].join('\n')}\n`);
}
