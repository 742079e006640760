import { retryAfterMs } from './api-error.ts';
import { EventLoopYield } from './event-loop-yield.ts';
import { type CounterMetric, type GaugeMetric, type HistogramMetric, type Metrics, NO_METRICS } from './metrics.ts';
import type { WorkQueue } from './work-queue.ts';

/** The result of a reconcile: wait for the next change, or reconcile again after a delay. */
export type ReconcileResult = { readonly requeueAfterMs: number } | undefined;

/** An error that a retry cannot resolve; the key is not retried until something changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface ControllerOptions<K> {
  /** Label of its metrics. */
  readonly name: string;
  readonly queue: WorkQueue<K>;
  /** Maximum number of concurrent reconciles. Default 1. */
  readonly workers?: number | undefined;
  /** Reconciles a key. The signal announces a shutdown. An error is retried with back-off. */
  readonly reconcile: (key: K, signal: AbortSignal) => Promise<ReconcileResult>;
  /** Called for every error of a reconcile. Must not throw. */
  readonly onError?: ((error: unknown, key: K) => void) | undefined;
  readonly metrics?: Metrics | undefined;
}

type Outcome =
  | { readonly kind: 'error' | 'terminal_error'; readonly error: unknown }
  | { readonly kind: 'requeue_after'; readonly delayMs: number }
  | { readonly kind: 'success' };

/** Processes a work queue: after controller-runtime's controller, with its metrics. */
export class Controller<K = string> {
  readonly #options: ControllerOptions<K>;
  readonly #metrics: ControllerMetrics;
  readonly #eventLoop = new EventLoopYield();
  readonly #workers: number;
  readonly #open = new Set<Promise<void>>();
  #active = 0;
  #onRoom: () => void = () => {};

  constructor(options: ControllerOptions<K>) {
    const { name, metrics = NO_METRICS, workers = 1 } = options;
    this.#options = options;
    this.#workers = workers;
    this.#metrics = new ControllerMetrics(name, metrics);
    this.#metrics.active(0, workers);
  }

  /** Works until the signal is aborted or the queue is closed; resolves when the last reconcile is finished. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    for (;;) {
      while (this.#active >= this.#workers && !signal.aborted) await this.#room(signal);
      const key = await queue.take(signal);
      if (key === undefined) break;
      const work = this.#work(key, signal).finally(() => this.#open.delete(work));
      this.#open.add(work);
      await this.#eventLoop.yieldIfDue();
    }
    await Promise.all(this.#open);
  }

  async #room(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onRoom = resolve;
    signal.addEventListener('abort', this.#onRoom, { once: true });
    await promise;
    signal.removeEventListener('abort', this.#onRoom);
  }

  async #work(key: K, signal: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    const startedAt = performance.now();
    this.#count(1);
    const outcome = await this.#reconcile(key, signal);
    this.#metrics.reconciled(outcome.kind, performance.now() - startedAt);
    this.#settle(key, outcome);
    queue.done(key);
    this.#count(-1);
  }

  #count(change: 1 | -1): void {
    this.#active += change;
    this.#metrics.active(this.#active, this.#workers);
    if (this.#active < this.#workers) this.#onRoom();
  }

  #settle(key: K, outcome: Outcome): void {
    const { queue, onError } = this.#options;
    switch (outcome.kind) {
      case 'error':
        queue.addRateLimited(key, retryAfterMs(outcome.error));
        onError?.(outcome.error, key);
        break;
      case 'terminal_error':
        queue.forget(key);
        onError?.(outcome.error, key);
        break;
      case 'requeue_after':
        queue.forget(key);
        queue.addAfter(key, outcome.delayMs);
        break;
      case 'success':
        queue.forget(key);
        break;
    }
  }

  async #reconcile(key: K, signal: AbortSignal): Promise<Outcome> {
    try {
      const result = await this.#options.reconcile(key, signal);
      return result ? { kind: 'requeue_after', delayMs: result.requeueAfterMs } : { kind: 'success' };
    } catch (error) {
      return { kind: error instanceof TerminalError ? 'terminal_error' : 'error', error };
    }
  }
}

const RECONCILE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

class ControllerMetrics {
  readonly #labels: { readonly controller: string };
  readonly #total: CounterMetric;
  readonly #errors: CounterMetric;
  readonly #terminal: CounterMetric;
  readonly #time: HistogramMetric;
  readonly #activeWorkers: GaugeMetric;
  readonly #most: GaugeMetric;

  constructor(controller: string, metrics: Metrics) {
    this.#labels = { controller };
    const definition = (suffix: string, help: string, ...more: string[]) => {
      return { name: `controller_runtime_${suffix}`, help, labelNames: ['controller', ...more] };
    };
    this.#total = metrics.counter(definition('reconcile_total', 'Reconciles, by outcome.', 'result'));
    this.#errors = metrics.counter(definition('reconcile_errors_total', 'Reconciles that failed.'));
    this.#terminal = metrics.counter(
      definition(
        'terminal_reconcile_errors_total',
        'Reconciles that failed and are not retried until something changes.',
      ),
    );
    const time = definition('reconcile_time_seconds', 'Duration of a reconcile.');
    this.#time = metrics.histogram({ ...time, buckets: RECONCILE_SECONDS });
    this.#activeWorkers = metrics.gauge(definition('active_workers', 'Reconciles in progress.'));
    this.#most = metrics.gauge(definition('max_concurrent_reconciles', 'Current maximum of concurrent reconciles.'));
    // Exported from the start, so that rates are right from the first increment.
    for (const result of ['error', 'requeue_after', 'success']) this.#total.inc({ ...this.#labels, result }, 0);
    this.#errors.inc(this.#labels, 0);
    this.#terminal.inc(this.#labels, 0);
  }

  active(count: number, limit: number): void {
    this.#activeWorkers.set(this.#labels, count);
    this.#most.set(this.#labels, limit);
  }

  reconciled(kind: Outcome['kind'], durationMs: number): void {
    const failed = kind === 'error' || kind === 'terminal_error';
    this.#total.inc({ ...this.#labels, result: failed ? 'error' : kind });
    if (failed) this.#errors.inc(this.#labels);
    if (kind === 'terminal_error') this.#terminal.inc(this.#labels);
    this.#time.observe(this.#labels, durationMs / 1000);
  }
}
