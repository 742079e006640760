import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FloodData, FloodMessage, FloodOrder } from './flood-thread.ts';
import type { Side } from './side.ts';

/**
 * A load generator in a separate thread: the cost of its answers and events, garbage collection above all, must not
 * delay the thread that measures.
 */
export class Flood {
  /** Number of finished executions. */
  ended = 0;
  /** Errors of executions that did not succeed. */
  failures: readonly string[] = [];
  readonly #thread: Worker;
  #onMessage: (message: FloodMessage) => void = () => {};
  /** Rejects when the thread exits or the wait is aborted. */
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
      thread.on('exit', () => reject(new Error('the load generator thread exited')));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    this.#lost.catch(() => {}); // reported by the command that waits for it
  }

  /** Resolves once its watch is established. */
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

  /** Sends `count` executions as fast as the workers can; resolves when all have finished. */
  async send(count: number, workers: number, onCreated = (): void => {}): Promise<void> {
    await this.#order({ send: count, workers }, onCreated);
  }

  /** Creates `count` suspended executions as fast as the workers can. */
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
