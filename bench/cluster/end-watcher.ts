import type { KubeClient } from '../../src/operator/kube/client.ts';
import type { KubeObject } from '../../src/operator/kube/object.ts';
import { orAborted } from '../../src/operator/kube/or-aborted.ts';
import { Reflector } from '../../src/operator/kube/reflector.ts';
import type { Resource } from '../../src/operator/kube/resource.ts';

/** What a look at an object tells. */
export interface Look {
  /** A word for where it stands: `Pending`, `Running`, `Completed`. */
  readonly state: string;
  /** More of it, for the error when nothing moves. */
  readonly message?: string | undefined;
  readonly end?: 'good' | 'bad' | undefined;
}

/** An object that has come to its good end. */
export interface Ended<T> {
  readonly object: T;
  /** When it was first seen in each state, by `performance.now()`. */
  readonly seenAtMs: ReadonlyMap<string, number>;
  /** When its end was seen, by `performance.now()`, and in milliseconds since the epoch. */
  readonly endSeenAtMs: number;
  readonly endSeenAt: number;
}

export interface EndWatcherOptions<T> {
  readonly look: (object: T) => Look;
  /** All that are waited for are given up when none of them has moved for so long. */
  readonly stallLimitMs: number;
  readonly signal: AbortSignal;
  /** Only these are watched; all of the namespace where left out. */
  readonly labelSelector?: string | undefined;
}

interface Waiting<T> {
  readonly seenAtMs: Map<string, number>;
  readonly resolve: (ended: Ended<T>) => void;
  readonly reject: (error: Error) => void;
  last: Look | undefined;
}

const LIST_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 1000;

/** Watches all objects of a kind in a namespace, and tells when those that are waited for have come to their end. */
export class EndWatcher<T extends KubeObject> {
  readonly #look: (object: T) => Look;
  readonly #stallLimitMs: number;
  readonly #waiting = new Map<string, Waiting<T>>();
  readonly #over = new AbortController();
  #lastError: unknown;
  #movedAt = 0;
  #ended = 0;

  private constructor(look: (object: T) => Look, stallLimitMs: number) {
    this.#look = look;
    this.#stallLimitMs = stallLimitMs;
  }

  /** Resolves once the watch stands. Dispose of it to end the watch. */
  static async start<T extends KubeObject>(
    client: KubeClient,
    resource: Resource<T>,
    namespace: string,
    { look, stallLimitMs, signal, labelSelector }: EndWatcherOptions<T>,
  ): Promise<EndWatcher<T>> {
    const watcher = new EndWatcher(look, stallLimitMs);
    const synced = Promise.withResolvers<void>();
    const reflector = new Reflector<T>(
      {
        client,
        resource,
        namespace,
        labelSelector,
        onError: (error) => {
          watcher.#lastError = error;
        },
      },
      {
        replaced: (objects) => {
          for (const object of objects) watcher.#seen(object);
          synced.resolve();
        },
        changed: (object) => watcher.#seen(object),
        deleted: ({ metadata: { name } }) => watcher.#waiting.get(name)?.reject(new Error(`${name} was deleted`)),
      },
    );
    const end = AbortSignal.any([signal, watcher.#over.signal]);
    void reflector.run(end);
    setInterval(() => watcher.#failWhereStalled(), LOOK_EVERY_MS).unref();
    try {
      await orAborted(synced.promise, AbortSignal.any([end, AbortSignal.timeout(LIST_WITHIN_MS)]));
    } catch (error) {
      watcher[Symbol.dispose]();
      signal.throwIfAborted();
      throw watcher.#lastError ?? error;
    }
    signal.addEventListener('abort', () => watcher.#rejectAll(signal.reason), { signal: watcher.#over.signal });
    return watcher;
  }

  /** How many of those that were waited for have ended well. */
  get ended(): number {
    return this.#ended;
  }

  /** How many of those that are waited for stand where; those not yet seen under the empty word. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { last } of this.#waiting.values()) {
      const state = last?.state ?? '';
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return counts;
  }

  /**
   * Waits for the object's good end; to be called before the object is made.
   * Throws where it ends badly, and where none of those that are waited for has moved for the stall limit.
   */
  async end(name: string): Promise<Ended<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Ended<T>>();
    this.#waiting.set(name, { seenAtMs: new Map(), resolve, reject, last: undefined });
    this.#movedAt = performance.now();
    try {
      return await promise;
    } finally {
      this.#waiting.delete(name);
    }
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    this.#rejectAll(new Error('the watch was ended'));
  }

  #seen(object: T): void {
    const now = performance.now();
    const waiting = this.#waiting.get(object.metadata.name);
    if (!waiting) return;
    const look = this.#look(object);
    if (waiting.last?.state !== look.state) this.#movedAt = now;
    waiting.last = look;
    if (!waiting.seenAtMs.has(look.state)) waiting.seenAtMs.set(look.state, now);
    if (look.end === 'good') {
      this.#ended += 1;
      waiting.resolve({ object, seenAtMs: waiting.seenAtMs, endSeenAtMs: now, endSeenAt: Date.now() });
    } else if (look.end === 'bad') {
      waiting.reject(new Error(`${object.metadata.name} ended as ${look.state}: ${look.message ?? ''}`));
    }
  }

  #failWhereStalled(): void {
    const [first] = this.#waiting;
    if (!first || performance.now() - this.#movedAt < this.#stallLimitMs) return;
    const [name, { last }] = first;
    const where = last ? `${last.state}${last.message ? `: ${last.message}` : ''}` : 'never seen by the watch';
    const trouble = this.#lastError ? `; the watch: ${(this.#lastError as Error).message}` : '';
    this.#rejectAll(
      new Error(
        `nothing moved for ${this.#stallLimitMs / 1000} s, ${this.#waiting.size} wait; ${name}: ${where}${trouble}`,
      ),
    );
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
