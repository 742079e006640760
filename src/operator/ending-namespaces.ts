import { LRUCache } from 'lru-cache';
import type { Namespace } from '../kube/resources.ts';

export interface EndingNamespacesParts {
  /** Reads a namespace from the API server; undefined if it does not exist. */
  readonly read: (name: string) => Promise<Namespace | undefined>;
  /** Called when the deletion of a namespace starts, or no longer applies: its objects are reconciled. */
  readonly onChanged: (namespace: string) => void;
  /** Called when reading a namespace failed. */
  readonly onError: (error: unknown, namespace: string) => void;
}

/** Minimum interval between reads of a namespace: all its pods are deleted at the same time. */
const READ_EVERY_MS = 1000;
const MAX_REMEMBERED = 10_000;

/**
 * Tracks which namespaces are being deleted. Kubernetes deletes the pods of a namespace first, and its other objects
 * only when no pod is left (OrderedNamespaceDeletion): otherwise an execution would learn of the deletion only after
 * its script finished. A pod being deleted triggers one GET of its namespace, which a Role in that namespace can
 * permit.
 */
export class EndingNamespaces {
  readonly #parts: EndingNamespacesParts;
  readonly #ending = new Set<string>();
  /** Time of the last read of each namespace by the monotonic clock. */
  readonly #readAt = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  readonly #due = new Map<string, NodeJS.Timeout>();

  constructor(parts: EndingNamespacesParts) {
    this.#parts = parts;
  }

  /**
   * Whether a namespace is being deleted. If a namespace of the same name is created again, this becomes false soon.
   */
  has(namespace: string): boolean {
    if (!this.#ending.has(namespace)) return false;
    this.suspect(namespace);
    return true;
  }

  /**
   * An object of the namespace is being deleted, possibly because the namespace is: reads it at once or within a
   * second.
   */
  suspect(namespace: string): void {
    if (this.#due.has(namespace)) return;
    const waitMs = (this.#readAt.get(namespace) ?? Number.NEGATIVE_INFINITY) + READ_EVERY_MS - performance.now();
    const timer = setTimeout(() => void this.#read(namespace), Math.max(0, waitMs));
    this.#due.set(namespace, timer);
  }

  /** Stops reading. */
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
