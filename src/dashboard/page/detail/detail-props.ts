import type { Kind, Rows } from '../../messages.ts';

/** What every view of one object is given. */
export interface DetailProps<K extends Kind> {
  /** The object as the list has it; undefined: it does not exist, or not yet. */
  readonly row: Rows[K] | undefined;
  readonly namespace: string;
  readonly name: string;
  /** Whether the list is complete: what is not in it does not exist. */
  readonly isComplete: boolean;
  readonly now: number;
  readonly onClose: () => void;
  /** The fragment of another object's place. */
  readonly linkTo: (kind: Kind, name: string) => string;
}
