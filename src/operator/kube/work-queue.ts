import { type BackoffOptions, KeyedBackoff } from './backoff.ts';
import { DelayedKeys } from './delayed-keys.ts';
import { Fifo } from './fifo.ts';
import { type Metrics, NO_METRICS } from './metrics.ts';
import { QueueMetrics } from './queue-metrics.ts';
import type { IsHeld } from './round.ts';
import { type TurnLevels, Turns } from './turns.ts';

export interface WorkQueueOptions<K = string> {
  /** The label of its metrics. */
  readonly name: string;
  /** Of `addRateLimited`. 5 ms, doubled up to 1000 s, as in controller-runtime, where left out. */
  readonly backoff?: BackoffOptions | undefined;
  readonly metrics?: Metrics | undefined;
  /** Who shares the work with whom, see `Turns`. First come, first served where left out. */
  readonly turns?: TurnLevels<K> | undefined;
  /** Who of them has to wait for now. `isFull`: only spare places are left. When that changes, call `retry`. Nobody where left out. */
  readonly isHeld?: ((group: readonly string[], isFull: boolean) => boolean) | undefined;
}

/** Who is held may change with time too: it is looked at again so long after one has come, at the latest. */
const LOOK_AGAIN_MS = 10;

export const DEFAULT_QUEUE_BACKOFF: BackoffOptions = { baseMs: 5, maxMs: 1_000_000 };

/**
 * Keys to work on, first come first served or in fair turns. A key waits once, however often it is added; one that is added while somebody
 * works on it waits until that is done: nobody works on a key twice at once. After client-go's workqueue.
 */
export class WorkQueue<K = string> {
  /** To be worked on: waiting, or in work and added again. */
  readonly #dirty = new Set<K>();
  readonly #inWork = new Set<K>();
  readonly #waiting: Fifo<K> | Turns<K>;
  readonly #isHeld: IsHeld | undefined;
  #isFull = false;
  readonly #delayed: DelayedKeys<K>;
  readonly #backoff: KeyedBackoff<K>;
  readonly #metrics: QueueMetrics<K>;
  readonly #takers: ((key: K | undefined) => void)[] = [];
  /** There are keys, and takers, and all keys are held. */
  #allHeld = false;
  #lookAgain: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ name, backoff = DEFAULT_QUEUE_BACKOFF, metrics = NO_METRICS, turns, isHeld }: WorkQueueOptions<K>) {
    this.#waiting = turns === undefined ? new Fifo() : new Turns(turns);
    this.#isHeld = isHeld && ((group) => isHeld(group, this.#isFull));
    this.#backoff = new KeyedBackoff(backoff);
    this.#metrics = new QueueMetrics(name, metrics);
    this.#delayed = new DelayedKeys((key) => this.add(key));
  }

  /** Keys that wait to be taken; those delayed or in work are not among them. */
  get length(): number {
    return this.#waiting.length;
  }

  /** How many keys of a group wait, see `Turns`. */
  count(group: readonly string[]): number {
    return this.#waiting instanceof Turns ? this.#waiting.count(group) : 0;
  }

  /** A key that waits already, and whose groups are others by now, waits with those. */
  add(key: K): void {
    if (this.#closed) return;
    if (this.#dirty.has(key)) {
      if (this.#waiting instanceof Turns && this.#waiting.regroup(key)) this.#offer(key);
      return;
    }
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
    const next = this.#next();
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

  /** The work on a key cost nobody anything: its groups have their turn again, see `Turns`. */
  giveBackTurn(key: K): void {
    if (this.#waiting instanceof Turns) this.#waiting.giveBack(key);
  }

  /** Whether only spare places are left: told by the one controller that works it off. */
  setFull(isFull: boolean): void {
    const wasFull = this.#isFull;
    this.#isFull = isFull;
    if (wasFull && !isFull) this.retry();
  }

  /** Some that were held may not be any more. */
  retry(): void {
    clearTimeout(this.#lookAgain);
    this.#lookAgain = undefined;
    while (this.#takers.length > 0) {
      const key = this.#next();
      if (key === undefined) return;
      this.#takers.shift()?.(this.#start(key));
    }
  }

  /** Nothing is added or handed out any more. */
  close(): void {
    this.#closed = true;
    this.#delayed.clear();
    clearTimeout(this.#lookAgain);
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #enqueue(key: K): void {
    if (this.#closed) return;
    this.#waiting.push(key);
    this.#metrics.depth(this.#waiting.length);
    this.#offer(key);
  }

  #offer(key: K): void {
    // To find the one to hand out takes a look at every group: where all the others are held, at once only if this one is not.
    if (!this.#allHeld || !this.#leavesOut(key)) this.retry();
    else this.#lookAgain ??= setTimeout(() => this.retry(), LOOK_AGAIN_MS);
  }

  #leavesOut(key: K): boolean {
    const isHeld = this.#isHeld;
    return isHeld !== undefined && this.#waiting instanceof Turns && this.#waiting.leavesOut(key, isHeld);
  }

  #next(): K | undefined {
    const key = this.#waiting instanceof Turns ? this.#waiting.shift(this.#isHeld) : this.#waiting.shift();
    this.#allHeld = key === undefined && this.#waiting.length > 0;
    return key;
  }

  #start(key: K): K {
    this.#dirty.delete(key);
    this.#inWork.add(key);
    this.#metrics.depth(this.#waiting.length);
    this.#metrics.started(key);
    return key;
  }
}
