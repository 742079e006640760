import { isGone, retryAfterMs } from './api-error.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { KubeClient } from './client.ts';
import type { Selection, WatchOptions } from './client-options.ts';
import type { CounterMetric, Metrics } from './metrics.ts';
import { NO_METRICS } from './metrics.ts';
import { type KubeObject, keyOf } from './object.ts';
import { pause } from './pause.ts';
import type { Resource } from './resource.ts';

/** Receives a reflector's events. What it throws is reported. */
export interface ReflectorSink<Raw, T = Raw> {
  /** The complete list of objects. */
  replaced(objects: T[]): void;
  changed(object: T): void;
  deleted(object: Raw): void;
}

export interface ReflectorOptions<Raw extends KubeObject, T extends KubeObject = Raw> extends Selection {
  readonly client: KubeClient;
  readonly resource: Resource<Raw>;
  /** Projects an object before it is kept; may modify it. */
  readonly transform: (object: Raw) => T;
  /** Called for every failed list or watch, and for errors of the sink or the transform. */
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly pageSize?: number | undefined;
  readonly watch?: Pick<WatchOptions, 'idleTimeoutMs' | 'timeoutSeconds'> | undefined;
  readonly backoff?: BackoffOptions | undefined;
  readonly metrics?: Metrics | undefined;
}

const BACKOFF: BackoffOptions = { baseMs: 200, maxMs: 15_000, jitter: 0.5 };
/** A shorter watch without any event counts as a failure. */
const HEALTHY_WATCH_MS = 5000;
const LIST_TIMEOUT_MS = 60_000;

/**
 * Keeps a sink in sync with the API server: lists page by page, then watches with bookmarks, indefinitely; lists again
 * when the resource version has expired. After client-go's Reflector.
 */
export class Reflector<Raw extends KubeObject, T extends KubeObject = Raw> {
  readonly #options: ReflectorOptions<Raw, T>;
  readonly #sink: ReflectorSink<Raw, T>;
  readonly #backoff: Backoff;
  readonly #lists: CounterMetric;
  readonly #watches: CounterMetric;
  #hasSynced = false;
  #resourceVersion: string | undefined;
  #lastEventAt = performance.now();

  constructor(options: ReflectorOptions<Raw, T>, sink: ReflectorSink<Raw, T>) {
    this.#options = options;
    this.#sink = sink;
    this.#backoff = new Backoff(options.backoff ?? BACKOFF);
    const { metrics = NO_METRICS } = options;
    this.#lists = metrics.counter({
      name: 'reflector_lists_total',
      help: 'Lists completed by a cache.',
      labelNames: ['resource', 'result'],
    });
    this.#watches = metrics.counter({
      name: 'reflector_watches_total',
      help: 'Watches ended, by result.',
      labelNames: ['resource', 'result'],
    });
  }

  /** Whether the initial list is complete. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Time since the last event, bookmarks (one a minute) included, in milliseconds. */
  get lastEventAgeMs(): number {
    return performance.now() - this.#lastEventAt;
  }

  /** Runs until the signal is aborted; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isGone(error)) this.#resourceVersion = undefined;
        else this.#report(error);
        await pause(Math.max(this.#backoff.next(), retryAfterMs(error)), signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, pageSize, namespace, labelSelector, fieldSelector } = this.#options;
    const selection = { namespace, labelSelector, fieldSelector, ...(pageSize === undefined ? {} : { pageSize }) };
    const kind = resource.plural;
    try {
      const map = (object: Raw): T | undefined => this.#transformed(object);
      const list = await client.list(resource, { ...selection, map, signal, timeoutMs: LIST_TIMEOUT_MS, retry: false });
      this.#lists.inc({ resource: kind, result: 'success' });
      this.#lastEventAt = performance.now();
      this.#tell(() => this.#sink.replaced(list.items.filter((object) => object !== undefined)));
      this.#resourceVersion = list.resourceVersion;
      this.#hasSynced = true;
    } catch (error) {
      if (!signal.aborted) this.#lists.inc({ resource: kind, result: 'error' });
      throw error;
    }
  }

  /** Returns when the server ends the watch normally. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector, watch = {} } = this.#options;
    const selection = { namespace, labelSelector, fieldSelector };
    const ended = (result: string): void => this.#watches.inc({ resource: resource.plural, result });
    const startedAt = performance.now();
    const resourceVersion = this.#resourceVersion as string;
    try {
      for await (const event of client.watch(resource, { ...selection, ...watch, resourceVersion, signal })) {
        this.#lastEventAt = performance.now();
        this.#backoff.reset();
        if (event.type !== 'BOOKMARK') this.#pass(event.type, event.object);
        this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
      }
    } catch (error) {
      if (!signal.aborted) ended(isGone(error) ? 'expired' : 'error');
      throw error;
    }
    if (signal.aborted) return;
    ended('end');
    if (performance.now() - startedAt >= HEALTHY_WATCH_MS) this.#backoff.reset();
    else if (this.#resourceVersion === resourceVersion) await pause(this.#backoff.next(), signal);
  }

  #pass(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Raw): void {
    const kept = type === 'DELETED' ? undefined : this.#transformed(object);
    // An object that cannot be transformed counts as absent; keeping its last version would keep it for ever.
    this.#tell(() => (kept === undefined ? this.#sink.deleted(object) : this.#sink.changed(kept)));
  }

  /** Returns undefined if the transform failed: the object counts as absent. */
  #transformed(object: Raw): T | undefined {
    const { transform, resource } = this.#options;
    try {
      return transform(object);
    } catch (error) {
      this.#report(new Error(`${resource.kind} ${keyOf(object)} cannot be read: it is ignored`, { cause: error }));
      return undefined;
    }
  }

  #tell(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    this.#options.onError?.(error);
  }
}
