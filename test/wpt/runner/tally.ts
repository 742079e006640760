import type { Results } from './around.ts';

/** The name of what goes wrong outside the tests of a file. */
export const THE_FILE = '(the file)';

/** A test that does not pass in the sandbox. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** Whether it does not pass in Node either. */
  readonly inNode: boolean;
}

/** What one file gave in both places. */
export interface FileTally {
  readonly tried: number;
  readonly passed: number;
  readonly passedInNode: number;
  readonly failures: readonly Failure[];
}

/** Sums up what the variants of a file gave. Tests that one of the two did not come to count as not passed there. */
export function tallyOf(sandbox: readonly Results[], node: readonly Results[]): FileTally {
  const here = merge(sandbox);
  const there = merge(node);
  const tried = Math.max(testsOf(here), testsOf(there), here.failed.length > 0 ? 1 : 0);
  const names = countsOf(there.failed);
  const failures = here.failed.map(([name, message]) => {
    const count = names.get(name) ?? 0;
    names.set(name, count - 1);
    return { name, message, inNode: count > 0 };
  });
  const missing = tried - testsOf(here);
  if (missing > 0 && testsOf(there) > testsOf(here))
    failures.push({ name: `(${missing} tests)`, message: 'did not run', inNode: false });
  return { tried, passed: here.passed, passedInNode: there.passed, failures };
}

/** An error of the file itself is none of its tests. */
const testsOf = ({ passed, failed }: Results): number => passed + failed.filter(([name]) => name !== THE_FILE).length;

function merge(all: readonly Results[]): Results {
  return { passed: all.reduce((sum, { passed }) => sum + passed, 0), failed: all.flatMap(({ failed }) => failed) };
}

function countsOf(failed: Results['failed']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name] of failed) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
