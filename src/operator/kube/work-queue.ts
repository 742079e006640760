import { type BackoffOptions, KeyedBackoff } from './backoff.ts';
import { DelayedKeys } from './delayed-keys.ts';
import { Fifo } from './fifo.ts';
import { type Metrics, NO_METRICS } from './metrics.ts';
import { QueueMetrics } from './queue-metrics.ts';

export interface WorkQueueOptions {
  /** The label of its metrics. */
  readonly name: string;
  /** Of `addRateLimited`. 5 ms, doubled up to 1000 s, as in controller-runtime, where left out. */
  readonly backoff?: BackoffOptions | undefined;
  readonly metrics?: Metrics | undefined;
}

export const DEFAULT_QUEUE_BACKOFF: BackoffOptions = { baseMs: 5, maxMs: 1_000_000 };

/**
 * Keys to work on, first come first served. A key waits once, however often it is added; one that is added while it is in work
 * waits until that is done: no key is in work twice. After client-go's workqueue.
 */
export class WorkQueue<K = string> {
  /** To be worked on: waiting, or in work and added again. */
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

  /** Keys that wait to be taken; those delayed or in work are not among them. */
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

  /** Adds the key after a time; where it has one already, the earlier counts. */
  addAfter(key: K, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) this.add(key);
    else this.#delayed.add(key, delayMs);
  }

  /** Adds the key after a time that grows with each call until the key is forgotten, and after so long at least. */
  addRateLimited(key: K, atLeastMs = 0): void {
    this.#metrics.retried();
    this.addAfter(key, Math.max(atLeastMs, this.#backoff.next(key)));
  }

  /** The key's next back-off is the first again. */
  forget(key: K): void {
    this.#backoff.forget(key);
  }

  /** How often the key was added rate-limited since it was forgotten. */
  failures(key: K): number {
    return this.#backoff.failures(key);
  }

  /** The next key, which is then in work until `done`; undefined once the queue is closed or the signal is aborted. */
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

  /** The work on a key is over; it waits again where it was added meanwhile. */
  done(key: K): void {
    if (!this.#inWork.delete(key)) return;
    this.#metrics.finished(key);
    if (this.#dirty.has(key)) this.#enqueue(key);
  }

  /** Nothing is added or handed out any more. */
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
