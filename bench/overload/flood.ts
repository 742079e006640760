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
  #onError: (error: Error) => void = () => {};

  private constructor(thread: Worker, signal: AbortSignal) {
    this.#thread = thread;
    thread.on('message', (message: FloodMessage) => {
      if ('ended' in message) this.ended = message.ended;
      if ('failures' in message) this.failures = message.failures;
      this.#onMessage(message);
    });
    thread.on('error', (error: Error) => this.#onError(error));
    signal.addEventListener('abort', () => this.#onError(signal.reason as Error), { once: true });
  }

  /** Resolves once its watch stands. */
  static async start(side: Side, stallLimitMs: number, signal: AbortSignal): Promise<Flood> {
    const workerData: FloodData = { side, stallLimitMs };
    const thread = new Worker(new URL('./flood-thread.ts', import.meta.url), { workerData });
    await once(thread, 'message', { signal });
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
    return new Promise((resolve, reject) => {
      this.#onError = reject;
      this.#onMessage = (message) => {
        if ('created' in message) onCreated();
        if ('failures' in message) resolve();
      };
      this.#thread.postMessage(order);
    });
  }
}
