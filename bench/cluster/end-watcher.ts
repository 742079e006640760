import type { KubeClient } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { orAborted } from '../../src/kube/or-aborted.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import type { Resource } from '../../src/kube/resource.ts';

/** The state of an object at one moment. */
export interface ObservedState {
  /** Name of the state: `Pending`, `Running`, `Completed`. */
  readonly state: string;
  /** Details for the error of a stall. */
  readonly message?: string | undefined;
  readonly end?: 'good' | 'bad' | undefined;
}

/** An object that finished successfully. */
export interface Ended<T> {
  readonly object: T;
  /** When each state was first seen, by `performance.now()`. */
  readonly seenAtMs: ReadonlyMap<string, number>;
  /** When its end was seen, by `performance.now()`, and in milliseconds since the epoch. */
  readonly endSeenAtMs: number;
  readonly endSeenAt: number;
}

export interface EndWatcherOptions<T> {
  readonly observe: (object: T) => ObservedState;
  /** All waits fail when no awaited object has changed state for this long. */
  readonly stallLimitMs: number;
  readonly signal: AbortSignal;
  /** Label selector of the watched objects. Defaults to the whole namespace. */
  readonly labelSelector?: string | undefined;
}

interface Waiting<T> {
  readonly seenAtMs: Map<string, number>;
  readonly resolve: (ended: Ended<T>) => void;
  readonly reject: (error: Error) => void;
  last: ObservedState | undefined;
}

const LIST_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 1000;

/** Watches all objects of a kind in a namespace and reports when awaited objects finish. */
export class EndWatcher<T extends KubeObject> {
  readonly #observe: (object: T) => ObservedState;
  readonly #stallLimitMs: number;
  readonly #waiting = new Map<string, Waiting<T>>();
  readonly #over = new AbortController();
  #lastError: unknown;
  #movedAt = 0;
  #ended = 0;

  private constructor(observe: (object: T) => ObservedState, stallLimitMs: number) {
    this.#observe = observe;
    this.#stallLimitMs = stallLimitMs;
  }

  /** Resolves once the watch is established. Disposing it ends the watch. */
  static async start<T extends KubeObject>(
    client: KubeClient,
    resource: Resource<T>,
    namespace: string,
    { observe, stallLimitMs, signal, labelSelector }: EndWatcherOptions<T>,
  ): Promise<EndWatcher<T>> {
    const watcher = new EndWatcher(observe, stallLimitMs);
    const synced = Promise.withResolvers<void>();
    const reflector = new Reflector<T>(
      {
        client,
        resource,
        transform: (object) => object,
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

  /** Number of awaited objects that finished successfully. */
  get ended(): number {
    return this.#ended;
  }

  /** Number of awaited objects by state; objects not seen yet have the empty state. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { last } of this.#waiting.values()) {
      const state = last?.state ?? '';
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return counts;
  }

  /**
   * Waits for the object to finish successfully; must be called before the object is created. Throws if it fails, and
   * if no awaited object changes state within the stall limit.
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
    const observed = this.#observe(object);
    if (waiting.last?.state !== observed.state) this.#movedAt = now;
    waiting.last = observed;
    if (!waiting.seenAtMs.has(observed.state)) waiting.seenAtMs.set(observed.state, now);
    if (observed.end === 'good') {
      this.#ended += 1;
      waiting.resolve({ object, seenAtMs: waiting.seenAtMs, endSeenAtMs: now, endSeenAt: Date.now() });
    } else if (observed.end === 'bad') {
      waiting.reject(new Error(`${object.metadata.name} ended as ${observed.state}: ${observed.message ?? ''}`));
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
