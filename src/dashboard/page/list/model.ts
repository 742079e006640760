import type { ExecutionRow } from '../../messages.ts';

export type State = ExecutionRow['state'];
export const STATES: readonly State[] = ['running', 'waiting', 'suspended', 'succeeded', 'failed'];

export type SortKey = 'activity' | 'name' | 'runtime' | 'tenant' | 'age';

/** What a list of executions shows. */
export interface View {
  /** Words that must be in the name, namespace, runtime, tenant, reason or error. */
  readonly text: string;
  /** States that are shown; empty: all. */
  readonly states: ReadonlySet<State>;
  readonly sort: SortKey;
  readonly isReversed: boolean;
}

export const EVERYTHING: View = { text: '', states: new Set(), sort: 'activity', isReversed: false };

/** The executions of a view in its order. Pure. */
export function shown(rows: Iterable<ExecutionRow>, { text, states, sort, isReversed }: View): ExecutionRow[] {
  const words = wordsOf(text);
  const wanted: ExecutionRow[] = [];
  for (const row of rows) {
    if ((states.size === 0 || states.has(row.state)) && hasWords(row, words)) wanted.push(row);
  }
  wanted.sort(ORDERS[sort]);
  return isReversed ? wanted.reverse() : wanted;
}

/** Rows that have all words of a text in the given fields. Pure. */
export function matching<T>(rows: Iterable<T>, text: string, fields: (row: T) => readonly string[]): T[] {
  const words = wordsOf(text);
  return [...rows].filter((row) => {
    const all = fields(row).join('\n').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** How many executions are in each state. Pure. */
export function countStates(rows: Iterable<ExecutionRow>): Readonly<Record<State, number>> {
  const counts: Record<State, number> = { running: 0, waiting: 0, suspended: 0, succeeded: 0, failed: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

function hasWords(row: ExecutionRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const all =
    `${row.name}\n${row.namespace}\n${row.runtime}\n${row.tenant}\n${row.reason}\n${row.error ?? ''}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

const ACTIVITY: Readonly<Record<State, number>> = { running: 0, waiting: 1, suspended: 2, failed: 3, succeeded: 3 };

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const byName = (one: ExecutionRow, other: ExecutionRow): number =>
  byText(one.name, other.name) || byText(one.namespace, other.namespace);

type Order = (one: ExecutionRow, other: ExecutionRow) => number;

const ORDERS: Readonly<Record<SortKey, Order>> = {
  /** The longest running, the longest waiting, then those that ended last. */
  activity: (one, other) => {
    const order = ACTIVITY[one.state] - ACTIVITY[other.state];
    if (order !== 0) return order;
    const bySince = byText(one.since, other.since) || byName(one, other);
    return ACTIVITY[one.state] === 3 ? -bySince : bySince;
  },
  name: byName,
  runtime: (one, other) => byText(one.runtime, other.runtime) || byName(one, other),
  tenant: (one, other) => byText(one.tenant, other.tenant) || byName(one, other),
  /** The newest first. */
  age: (one, other) => byText(other.created, one.created) || byName(one, other),
};
