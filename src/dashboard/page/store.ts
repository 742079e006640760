import { type AnyRow, type EventMessage, type Failure, KINDS, type Kind, type Rows } from '../messages.ts';

/** The rows of a kind, by uid. */
type RowsByUid<K extends Kind = Kind> = Map<string, Rows[K]>;

/** What is known of a kind. */
export interface Known<K extends Kind = Kind> {
  readonly rows: ReadonlyMap<string, Rows[K]>;
  /** Whether the list is complete. */
  readonly isComplete: boolean;
  /** Why it cannot be read at the moment. */
  readonly failure: Failure | undefined;
}

interface Held {
  rows: RowsByUid;
  /** The list that is coming, until it is complete. */
  coming: RowsByUid | undefined;
  isComplete: boolean;
  failure: Failure | undefined;
}

/** The rows of all kinds, as the messages of a stream build them. It knows nothing of how they are shown. */
export class Store {
  readonly #held = new Map<Kind, Held>();
  /** Raised by each change. */
  revision = 0;
  /** How far the clock of the cluster is ahead of that of the browser, in milliseconds. */
  clockAheadMs = 0;

  constructor() {
    this.clear();
  }

  /** Forgets everything: another namespace is shown. */
  clear(): void {
    for (const kind of KINDS) {
      this.#held.set(kind, { rows: new Map(), coming: undefined, isComplete: false, failure: undefined });
    }
    this.revision += 1;
  }

  of<K extends Kind>(kind: K): Known<K> {
    return this.#of(kind) as unknown as Known<K>;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): Rows[K] | undefined {
    for (const row of this.of(kind).rows.values()) if (row.name === name && row.namespace === namespace) return row;
    return undefined;
  }

  /** The clock of the cluster, in milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.clockAheadMs;
  }

  apply(message: EventMessage): void {
    switch (message.type) {
      case 'hello':
        this.clockAheadMs = message.now - Date.now();
        return;
      case 'list':
        this.#list(message);
        break;
      case 'set':
        this.#of(message.row.kind).rows.set(message.row.uid, message.row);
        break;
      case 'delete':
        this.#of(message.kind).rows.delete(message.uid);
        break;
      case 'failed':
        this.#of(message.kind).failure = message.error;
        break;
      default:
        return;
    }
    this.revision += 1;
  }

  #list({ kind, rows, isFirst, isLast }: EventMessage & { type: 'list' }): void {
    const held = this.#of(kind);
    if (isFirst || held.coming === undefined) held.coming = new Map();
    for (const row of rows as readonly AnyRow[]) held.coming.set(row.uid, row);
    // The first list is shown as it comes; a later one replaces what is shown when it is complete.
    if (!held.isComplete || isLast) held.rows = held.coming;
    held.failure = undefined;
    if (!isLast) return;
    held.isComplete = true;
    held.coming = undefined;
  }

  #of(kind: Kind): Held {
    return this.#held.get(kind) as Held;
  }
}
