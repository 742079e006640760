import type { Kind, Rows } from '../../messages.ts';
import type { Known } from '../store.ts';

/** What every list is given. */
export interface ListProps<K extends Kind> {
  readonly known: Known<K>;
  /** The clock of the cluster, in milliseconds since the epoch. */
  readonly now: number;
  /** Whether it has objects of several namespaces. */
  readonly isEverywhere: boolean;
  readonly openUid: string | undefined;
  readonly onOpen: (row: Rows[K]) => void;
}
