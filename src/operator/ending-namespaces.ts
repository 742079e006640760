import { LRUCache } from 'lru-cache';
import type { Namespace } from './kube/resources.ts';

export interface EndingNamespacesParts {
  /** A namespace as the API server has it; undefined where there is none. */
  readonly read: (name: string) => Promise<Namespace | undefined>;
  /** A namespace is being deleted, or no longer: what is in it is reconciled. */
  readonly onChanged: (namespace: string) => void;
  /** It could not be learnt whether a namespace is being deleted. */
  readonly onError: (error: unknown, namespace: string) => void;
}

/** A namespace is read no more often: its pods are all deleted at once. */
const READ_EVERY_MS = 1000;
const MAX_REMEMBERED = 10_000;

/**
 * Knows which namespaces are being deleted. Kubernetes deletes the pods of a namespace first, and its other objects only when
 * no pod is left (OrderedNamespaceDeletion): without this an execution would hear of the deletion when its script has ended by
 * itself. A pod that is being deleted is the sign; one GET of its namespace, which a Role in that namespace can grant, tells.
 */
export class EndingNamespaces {
  readonly #parts: EndingNamespacesParts;
  readonly #ending = new Set<string>();
  /** When each namespace was last read, by our steady clock. */
  readonly #readAt = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  readonly #due = new Map<string, NodeJS.Timeout>();

  constructor(parts: EndingNamespacesParts) {
    this.#parts = parts;
  }

  /** Whether a namespace is being deleted. Where one of that name has been made anew, this is soon false. */
  has(namespace: string): boolean {
    if (!this.#ending.has(namespace)) return false;
    this.suspect(namespace);
    return true;
  }

  /** Something in a namespace is being deleted: perhaps the namespace is. It is read, at once or within a second. */
  suspect(namespace: string): void {
    if (this.#due.has(namespace)) return;
    const waitMs = (this.#readAt.get(namespace) ?? Number.NEGATIVE_INFINITY) + READ_EVERY_MS - performance.now();
    const timer = setTimeout(() => void this.#read(namespace), Math.max(0, waitMs));
    this.#due.set(namespace, timer);
  }

  /** Reads nothing more. */
  close(): void {
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
  }

  async #read(namespace: string): Promise<void> {
    this.#due.delete(namespace);
    this.#readAt.set(namespace, performance.now());
    try {
      const found = await this.#parts.read(namespace);
      const isEnding = found?.metadata.deletionTimestamp !== undefined;
      if (isEnding === this.#ending.has(namespace)) return;
      if (isEnding) this.#ending.add(namespace);
      else this.#ending.delete(namespace);
      this.#parts.onChanged(namespace);
    } catch (error) {
      this.#parts.onError(error, namespace);
    }
  }
}
