import { compareResourceVersions, type KubeObject, keyOf } from './object.ts';
import { orAborted } from './or-aborted.ts';
import { Reflector, type ReflectorOptions, type ReflectorSink } from './reflector.ts';
import { type Indexers, Store } from './store.ts';

/** Called after each change of the cache. An error is reported and does not stop the other handlers. */
export interface InformerHandler<T> {
  added?(object: T): void;
  updated?(object: T, before: T): void;
  deleted?(object: T): void;
}

export interface InformerOptions<Raw extends KubeObject, T extends KubeObject = Raw>
  extends Omit<ReflectorOptions<Raw, T>, 'namespace'> {
  /** The namespaces to watch. Defaults to all. */
  readonly namespaces?: readonly string[] | undefined;
  readonly indexers?: Indexers<T> | undefined;
}

const LAST_EVENT_AGE = {
  name: 'reflector_last_event_age_seconds',
  help: 'Time since the last event of a watch; a bookmark arrives every minute.',
  labelNames: ['resource'],
};

/**
 * A cache of all (or selected) objects of a kind that follows the API server and calls event handlers. `Raw` is an object as the
 * API server has it, `T` the projection of it that is kept.
 */
export class Informer<Raw extends KubeObject, T extends KubeObject = Raw> {
  readonly store: Store<T>;
  readonly #options: InformerOptions<Raw, T>;
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #reflectors: readonly Reflector<Raw, T>[];
  readonly #synced = Promise.withResolvers<void>();
  readonly #unsynced: Set<string | undefined>;

  constructor(options: InformerOptions<Raw, T>) {
    this.#options = options;
    this.store = new Store(options.indexers);
    const namespaces = options.namespaces ? [...new Set(options.namespaces)] : [undefined];
    this.#unsynced = new Set(namespaces);
    this.#reflectors = namespaces.map((namespace) => new Reflector({ ...options, namespace }, this.#sink(namespace)));
    if (this.hasSynced) this.#synced.resolve();
    options.metrics?.gauge(LAST_EVENT_AGE, (gauge) => {
      gauge.set({ resource: options.resource.plural }, this.lastEventAgeMs / 1000);
    });
  }

  /** Plural name of what it follows. */
  get resource(): string {
    return this.#options.resource.plural;
  }

  /** Whether the initial list is complete and the handlers have received it. */
  get hasSynced(): boolean {
    return this.#unsynced.size === 0;
  }

  /** Time since the last event of the least active namespace, in milliseconds. */
  get lastEventAgeMs(): number {
    return Math.max(0, ...this.#reflectors.map((reflector) => reflector.lastEventAgeMs));
  }

  /** Adds an event handler; it receives every cached object as added. Returns a function that removes it. */
  handle(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.store.values()) this.#safely(() => handler.added?.(object));
    return () => this.#handlers.delete(handler);
  }

  /** Resolves once the cache has synced; throws the signal's reason if it is aborted first. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    await orAborted(this.#synced.promise, signal);
  }

  /** Follows the API server until the signal is aborted; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  /**
   * Stores the answer to a write in the cache before the watch delivers it, so that the next reconcile sees no older
   * state. Applies only if the cache holds an older version of the same object, so an object already deleted stays
   * deleted. Event handlers are not called: the writer already knows the change.
   */
  observe(written: Raw): void {
    const before = this.store.get(keyOf(written));
    const object = this.#options.transform(written);
    if (before && before.metadata.uid === object.metadata.uid && isNewer(object, before)) this.store.set(object);
  }

  #sink(namespace: string | undefined): ReflectorSink<Raw, T> {
    return {
      replaced: (objects) => {
        const gone = new Set(namespace === undefined ? this.store.keys() : this.#keysIn(namespace));
        for (const object of objects) {
          gone.delete(keyOf(object));
          // The list wins even if it seems older: etcd may have been restored from a backup.
          if (this.store.get(keyOf(object))?.metadata.resourceVersion === object.metadata.resourceVersion) continue;
          this.#safely(() => this.#changed(object));
        }
        for (const key of gone) this.#deleted(key);
        if (this.#unsynced.delete(namespace) && this.hasSynced) this.#synced.resolve();
      },
      changed: (object) => {
        const known = this.store.get(keyOf(object));
        const observedAlready = known?.metadata.uid === object.metadata.uid && known && !isNewer(object, known);
        if (!observedAlready) this.#changed(object);
      },
      deleted: (object) => this.#deleted(keyOf(object)),
    };
  }

  #changed(object: T): void {
    const before = this.store.set(object);
    if (before && before.metadata.uid !== object.metadata.uid) {
      // Deleted and created again between two events.
      this.#each((handler) => handler.deleted?.(before));
      this.#each((handler) => handler.added?.(object));
    } else if (before) this.#each((handler) => handler.updated?.(object, before));
    else this.#each((handler) => handler.added?.(object));
  }

  #deleted(key: string): void {
    const before = this.store.delete(key);
    if (before) this.#each((handler) => handler.deleted?.(before));
  }

  *#keysIn(namespace: string): Generator<string, void> {
    for (const object of this.store.values()) if (object.metadata.namespace === namespace) yield keyOf(object);
  }

  #each(tell: (handler: InformerHandler<T>) => void): void {
    for (const handler of this.#handlers) this.#safely(() => tell(handler));
  }

  #safely(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}

function isNewer(one: KubeObject, other: KubeObject): boolean {
  const { resourceVersion: newer = '' } = one.metadata;
  const { resourceVersion: older = '' } = other.metadata;
  return compareResourceVersions(newer, older) > 0;
}
