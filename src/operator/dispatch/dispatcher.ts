import { Counts, type ReadonlyCounts } from '../../cluster/counts.ts';
import { retryAfterMs } from '../../kube/api-error.ts';
import { type BackoffOptions, KeyedBackoff } from '../../kube/backoff.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import type { Metrics } from '../../kube/metrics.ts';
import { untilAborted } from '../../kube/until-aborted.ts';
import type { WorkQueue } from '../../kube/work-queue.ts';
import type { Concurrency } from './adaptive-concurrency.ts';
import { DispatchMetrics } from './dispatch-metrics.ts';
import { type Dispatched, Flow } from './flow.ts';
import { RoundRobin } from './round-robin.ts';
import { Seats } from './seats.ts';
import type { Slots } from './slots.ts';
import type { Work, WorkKind } from './work.ts';

/**
 * Performs the status write of an execution, decided from the current state. Returns when to reconcile it again; at
 * once if undefined.
 */
export type Write = (key: string, kind: WorkKind) => Promise<ReconcileResult>;

export interface DispatcherOptions {
  readonly concurrency: Concurrency;
  readonly slots: Pick<Slots, 'hasFree' | 'on'>;
  /** Reconciles an execution after its write. */
  readonly queue: Pick<WorkQueue, 'addAfter'>;
  /** Back-off of an execution whose writes fail. */
  readonly backoff: BackoffOptions;
  /** Called for each failed write. Must not throw. */
  readonly onError: (error: unknown, key: string) => void;
  readonly metrics?: Metrics | undefined;
}

/** Minimum interval between notes: 20,000 pending executions must not load the API server with status updates. */
const NOTE_EVERY_MS = 50;

/**
 * Decides which execution's status is written next: a turn is one status write. Round robin over namespaces, within
 * each over its runtimes, and within each over the tenants that the runtime lists. See `Flow` for the order within a
 * tenant, and `Seats` for the number of writes in flight.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #work = new Map<string, Work>();
  readonly #namespaces = new RoundRobin(() => new RoundRobin(() => new RoundRobin(() => new Flow())));
  /** Writes in flight, and their limit. */
  readonly seats: Seats;
  readonly #backoff: KeyedBackoff<string>;
  readonly #metrics: DispatchMetrics;
  readonly #waiting = new Counts();
  /** Executions that wait for a slot, by runtime. */
  readonly waiting: ReadonlyCounts = this.#waiting;
  readonly #underWay = new Map<string, Promise<void>>();
  #mayNote = true;
  #isScheduled = false;
  #write: Write | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    options.slots.on('free', () => this.schedule());
    this.seats = new Seats(options.concurrency, () => this.schedule());
    this.#backoff = new KeyedBackoff(options.backoff);
    this.#metrics = new DispatchMetrics(options.metrics);
  }

  /** Dispatches until the signal is aborted; resolves when the last write is finished. */
  async run(write: Write, signal: AbortSignal): Promise<void> {
    this.#write = write;
    this.schedule();
    await untilAborted(signal);
    this.#write = undefined;
    await Promise.all(this.#underWay.values());
  }

  /** Adds or moves an execution's work. Ignored while a write of the execution is in flight. */
  set(work: Work): void {
    if (this.isWriting(work.key) || JSON.stringify(this.#work.get(work.key)) === JSON.stringify(work)) return;
    this.delete(work.key);
    this.#work.set(work.key, work);
    this.#flowOf(work).add(work);
    if (work.slot !== undefined) this.#waiting.add(work.slot.runtime, 1);
    this.#metrics.added(work.key);
    this.schedule();
  }

  /** The execution has nothing to write. */
  delete(key: string): void {
    const work = this.#work.get(key);
    if (work === undefined) return;
    this.#work.delete(key);
    if (work.slot !== undefined) this.#waiting.add(work.slot.runtime, -1);
    this.#flowOf(work).delete(work);
    this.#metrics.removed(key);
  }

  /** The execution is deleted. */
  forget(key: string): void {
    this.delete(key);
    this.#backoff.forget(key);
  }

  /** Whether a write of the execution is in flight: it is reconciled afterwards. */
  isWriting(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** Work may have become eligible. All changes within one iteration of the event loop are dispatched together. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      for (let next = this.#next(); next !== undefined; next = this.#next()) this.#dispatch(next);
    });
  }

  #next(): Dispatched | undefined {
    if (this.#write === undefined || this.#work.size === 0) return undefined;
    const next = this.#take((flow) => flow.next((request) => this.#options.slots.hasFree(request)));
    return next ?? (this.#mayNote ? this.#take((flow) => flow.nextNote()) : undefined);
  }

  #take(next: (flow: Flow) => Dispatched | undefined): Dispatched | undefined {
    return this.#namespaces.next((runtimes, namespace) =>
      this.seats.isFreeFor(namespace) ? runtimes.next((tenants) => tenants.next(next)) : undefined,
    );
  }

  #dispatch({ work, kind }: Dispatched): void {
    const { key } = work;
    this.#metrics.dispatched(key, kind);
    this.delete(key);
    if (kind === 'note') this.#pauseNotes();
    this.#underWay.set(key, this.#perform(work, kind));
  }

  /** Never throws. */
  async #perform({ key, namespace }: Work, kind: WorkKind): Promise<void> {
    using _seat = this.seats.take(namespace);
    const startedAt = performance.now();
    let [result, afterMs]: ['success' | 'error', number] = ['success', 0];
    try {
      afterMs = (await this.#write?.(key, kind))?.requeueAfterMs ?? 0;
      this.#backoff.forget(key);
    } catch (error) {
      [result, afterMs] = ['error', Math.max(retryAfterMs(error), this.#backoff.next(key))];
      this.#options.onError(error, key);
    }
    this.#metrics.written(kind, result, performance.now() - startedAt);
    this.#underWay.delete(key);
    this.#options.queue.addAfter(key, afterMs);
  }

  #pauseNotes(): void {
    this.#mayNote = false;
    setTimeout(() => {
      this.#mayNote = true;
      this.schedule();
    }, NOTE_EVERY_MS).unref();
  }

  #flowOf({ namespace, runtime, tenant }: Work): Flow {
    return this.#namespaces.flow(namespace).flow(runtime).flow(tenant);
  }
}
