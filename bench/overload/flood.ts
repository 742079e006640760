import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FloodData, FloodMessage, FloodOrder } from './flood-thread.ts';
import type { Side } from './side.ts';

/**
 * A crowd in a thread of its own: what its answers and events cost, collecting their garbage above all, does not hold up who
 * measures what it does to others.
 */
export class Flood {
  /** How many have ended, whatever their end. */
  ended = 0;
  /** Why some did not come to a good end. */
  failures: readonly string[] = [];
  readonly #thread: Worker;
  #onMessage: (message: FloodMessage) => void = () => {};
  /** Rejects when the thread is lost, or nobody waits for it any more. */
  readonly #lost: Promise<never>;

  private constructor(thread: Worker, signal: AbortSignal) {
    this.#thread = thread;
    thread.on('message', (message: FloodMessage) => {
      if ('ended' in message) this.ended = message.ended;
      if ('failures' in message) this.failures = message.failures;
      this.#onMessage(message);
    });
    this.#lost = new Promise((_, reject) => {
      thread.on('error', reject);
      thread.on('exit', () => reject(new Error('the thread that makes the flood has ended')));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    this.#lost.catch(() => {}); // told by the order that waits for it
  }

  /** Resolves once its watch stands. */
  static async start(side: Side, stallLimitMs: number, signal: AbortSignal): Promise<Flood> {
    const workerData: FloodData = { side, stallLimitMs };
    const thread = new Worker(new URL('./flood-thread.ts', import.meta.url), { workerData });
    try {
      await once(thread, 'message', { signal });
    } catch (error) {
      await thread.terminate();
      throw error;
    }
    return new Flood(thread, signal);
  }

  /** Sends so many as fast as the workers can; resolves when all have ended. */
  async send(count: number, workers: number, onCreated = (): void => {}): Promise<void> {
    await this.#order({ send: count, workers }, onCreated);
  }

  /** Creates so many that are suspended, as fast as the workers can; nobody waits for them. */
  async createSuspended(count: number, workers: number): Promise<void> {
    await this.#order({ createSuspended: count, workers });
  }

  [Symbol.dispose](): void {
    void this.#thread.terminate();
  }

  #order(order: FloodOrder, onCreated = (): void => {}): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#onMessage = (message) => {
        if ('created' in message) onCreated();
        if ('failures' in message) resolve();
      };
    });
    this.#thread.postMessage(order);
    return Promise.race([done, this.#lost]);
  }
}
