import { type BackoffOptions, KeyedBackoff } from './backoff.ts';
import { DelayedKeys } from './delayed-keys.ts';
import { Fifo } from './fifo.ts';
import { type Metrics, NO_METRICS } from './metrics.ts';
import { QueueMetrics } from './queue-metrics.ts';

export interface WorkQueueOptions {
  /** Label of its metrics. */
  readonly name: string;
  /** Back-off of `addRateLimited`. Default: 5 ms, doubled up to 1000 s, as in controller-runtime. */
  readonly backoff?: BackoffOptions | undefined;
  readonly metrics?: Metrics | undefined;
}

export const DEFAULT_QUEUE_BACKOFF: BackoffOptions = { baseMs: 5, maxMs: 1_000_000 };

/**
 * A FIFO queue of keys to process. A key is queued once, however often it is added; a key added while it is processed
 * is queued again afterwards, so that no key is processed twice concurrently. After client-go's workqueue.
 */
export class WorkQueue<K = string> {
  /** Keys to process: queued, or being processed and added again. */
  readonly #dirty = new Set<K>();
  readonly #inWork = new Set<K>();
  readonly #waiting = new Fifo<K>();
  readonly #delayed: DelayedKeys<K>;
  readonly #backoff: KeyedBackoff<K>;
  readonly #metrics: QueueMetrics<K>;
  readonly #takers: ((key: K | undefined) => void)[] = [];
  #closed = false;

  constructor({ name, backoff = DEFAULT_QUEUE_BACKOFF, metrics = NO_METRICS }: WorkQueueOptions) {
    this.#backoff = new KeyedBackoff(backoff);
    this.#metrics = new QueueMetrics(name, metrics);
    this.#delayed = new DelayedKeys((key) => this.add(key));
  }

  /** Number of queued keys, without delayed keys and keys being processed. */
  get length(): number {
    return this.#waiting.length;
  }

  add(key: K): void {
    if (this.#closed) return;
    if (this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#metrics.added(key);
    if (!this.#inWork.has(key)) this.#enqueue(key);
  }

  /** Adds the key after a delay; of several delays the earliest counts. */
  addAfter(key: K, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) this.add(key);
    else this.#delayed.add(key, delayMs);
  }

  /** Adds the key after its back-off, and after at least `atLeastMs`. */
  addRateLimited(key: K, atLeastMs = 0): void {
    this.#metrics.retried();
    this.addAfter(key, Math.max(atLeastMs, this.#backoff.next(key)));
  }

  /** Resets the key's back-off. */
  forget(key: K): void {
    this.#backoff.forget(key);
  }

  /** Number of rate-limited adds since the last `forget`. */
  failures(key: K): number {
    return this.#backoff.failures(key);
  }

  /**
   * The next key, which is being processed until `done`; undefined once the queue is closed or the signal is aborted.
   */
  async take(signal?: AbortSignal): Promise<K | undefined> {
    if (this.#closed || signal?.aborted) return undefined;
    const next = this.#waiting.shift();
    if (next !== undefined) return this.#start(next);
    const { promise, resolve } = Promise.withResolvers<K | undefined>();
    const leave = (): void => {
      const index = this.#takers.indexOf(resolve);
      if (index >= 0) this.#takers.splice(index, 1);
      resolve(undefined);
    };
    this.#takers.push(resolve);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  /** The key is processed; it is queued again if it was added meanwhile. */
  done(key: K): void {
    if (!this.#inWork.delete(key)) return;
    this.#metrics.finished(key);
    if (this.#dirty.has(key)) this.#enqueue(key);
  }

  /** Accepts and returns no more keys. */
  close(): void {
    this.#closed = true;
    this.#delayed.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #enqueue(key: K): void {
    if (this.#closed) return;
    this.#waiting.push(key);
    this.#metrics.depth(this.#waiting.length);
    const taker = this.#takers.shift();
    if (taker !== undefined) taker(this.#start(this.#waiting.shift() as K));
  }

  #start(key: K): K {
    this.#dirty.delete(key);
    this.#inWork.add(key);
    this.#metrics.depth(this.#waiting.length);
    this.#metrics.started(key);
    return key;
  }
}
