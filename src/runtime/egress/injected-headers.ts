import type { HeaderList } from './headers.ts';
import type { ReadRule } from './rules.ts';

/** Headers that a rule adds to a request. */
export function injectedHeaders({ rule }: ReadRule): HeaderList {
  return (rule.headers ?? []).map(({ name, value }) => [name, value]);
}
