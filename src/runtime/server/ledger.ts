import type { RunOutcome, RunState } from '../../api/pod-protocol.ts';
import { RefusalError } from './refusal.ts';
import { Tombstones } from './tombstones.ts';

/** Limits of the ledger. */
export interface LedgerBounds {
  /** Runs that are running or waiting for a VM. */
  readonly maxActive: number;
  /** Active runs and unacknowledged outcomes. */
  readonly maxRuns: number;
  /**
   * Bytes of requests of active runs and of outcomes of finished ones. Above it no run is started; active runs may
   * still add their outcomes.
   */
  readonly maxBytes: number;
  /** Ids of finished and acknowledged runs. */
  readonly maxRemembered: number;
}

export interface LedgerEvents {
  /** A run rejected, which is a bug: returns its outcome. */
  failed(id: string, error: unknown): RunOutcome;
  /** The maximum number of ids is remembered: the process should drain and restart. */
  full(): void;
}

/** A parsed run that is ready to start. */
export interface Work {
  /** Bytes held while it runs. */
  readonly requestBytes: number;
  run(signal: AbortSignal): Promise<RunOutcome>;
}

interface Entry {
  /** Never rejects. */
  readonly ended: Promise<Buffer>;
  /** Undefined once the run is finished. */
  cancel: AbortController | undefined;
  /** RunState as JSON, serialized once. */
  outcome: Buffer | undefined;
  bytes: number;
}

const RUNNING = Buffer.from(JSON.stringify({ state: 'running' } satisfies RunState));

/**
 * All runs of this process: active, finished, or acknowledged. A run is started once, its outcome is kept until it is
 * acknowledged, and its id is remembered for the life of the process.
 */
export class RunLedger {
  readonly bounds: LedgerBounds;
  readonly #events: LedgerEvents;
  readonly #entries = new Map<string, Entry>();
  readonly #acknowledged = new Tombstones();
  #active = 0;
  #bytes = 0;
  #closed: 'NotReady' | 'Draining' | undefined = 'NotReady';
  #whenEmpty: (() => void) | undefined;

  constructor(bounds: LedgerBounds, events: LedgerEvents) {
    this.bounds = bounds;
    this.#events = events;
  }

  /** Accepts new runs from now on. */
  open(): void {
    if (this.#closed === 'NotReady') this.#closed = undefined;
  }

  /** Refuses new runs from now on, permanently. */
  drain(): void {
    this.#closed = 'Draining';
  }

  /** Resolves when no run is active and no outcome is unacknowledged. */
  async empty(): Promise<void> {
    if (this.#entries.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  /**
   * Starts a run, or joins the run with this id.
   * @param prepare called if the run is to be started; if it throws, nothing was started
   * @returns the outcome as the JSON of a RunState, once the run is finished
   * @throws RefusalError Acknowledged, Busy, NotReady or Draining: nothing was started
   */
  start(id: string, prepare: () => Work): Promise<Buffer> {
    const known = this.#find(id);
    if (known !== undefined) return known.ended;
    this.#admit();
    const work = prepare();
    const cancel = new AbortController();
    const entry: Entry = {
      cancel,
      outcome: undefined,
      bytes: work.requestBytes,
      ended: this.#run(id, work, cancel.signal).then((outcome) => this.#finish(entry, outcome)),
    };
    this.#active++;
    this.#bytes += entry.bytes;
    this.#entries.set(id, entry);
    return entry.ended;
  }

  /**
   * Starts a run whose outcome is for this caller alone. Nothing of it is kept when it is finished, neither the outcome
   * nor the id: the caller never asks again, and a token that is valid once keeps its request from being repeated.
   * @param prepare called if the run is to be started; if it throws, nothing was started
   * @param options.signal cancels the run
   * @param options.maxActive active runs of the whole ledger above which it is refused
   * @returns the outcome as the JSON of a RunState, once the run is finished
   * @throws RefusalError StillRunning, Busy, NotReady or Draining: nothing was started
   */
  async startUnkept(
    id: string,
    prepare: () => Work,
    { signal, maxActive }: { readonly signal: AbortSignal; readonly maxActive: number },
  ): Promise<Buffer> {
    // No run id has a space: these runs cannot be asked for, cancelled or acknowledged by their id.
    const key = `unkept ${id}`;
    if (this.#entries.has(key)) throw new RefusalError('StillRunning', 'a run with this id is active');
    this.#admit(maxActive);
    const work = prepare();
    const ended = this.#run(id, work, signal);
    const bytes = work.requestBytes;
    this.#active++;
    this.#bytes += bytes;
    this.#entries.set(key, { ended: Promise.resolve(RUNNING), cancel: undefined, outcome: undefined, bytes });
    const outcome = await ended;
    this.#active--;
    this.#bytes -= bytes;
    this.#entries.delete(key);
    if (this.#entries.size === 0) this.#whenEmpty?.();
    return Buffer.from(JSON.stringify({ state: 'finished', outcome } satisfies RunState));
  }

  /** The JSON of a RunState. @throws RefusalError Acknowledged or UnknownRun */
  state(id: string): Buffer {
    return this.#known(id).outcome ?? RUNNING;
  }

  /** Cancels a run; a finished run is unchanged. @throws RefusalError Acknowledged or UnknownRun */
  cancel(id: string): void {
    this.#known(id).cancel?.abort();
  }

  /** Drops an outcome permanently. Idempotent. @throws RefusalError StillRunning or UnknownRun */
  acknowledge(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      if (this.#acknowledged.has(id)) return;
      throw unknownRun();
    }
    if (entry.outcome === undefined) throw new RefusalError('StillRunning', 'the run is not finished');
    this.#acknowledged.add(id);
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
    if (this.#acknowledged.size === this.bounds.maxRemembered) this.#events.full();
    if (this.#entries.size === 0) this.#whenEmpty?.();
  }

  get draining(): boolean {
    return this.#closed === 'Draining';
  }

  get active(): number {
    return this.#active;
  }

  get unacknowledged(): number {
    return this.#entries.size - this.#active;
  }

  /** Ids of finished runs that are not acknowledged, in order of their start, at most `most`. */
  unacknowledgedIds(most: number): string[] {
    const ids: string[] = [];
    for (const [id, { outcome }] of this.#entries) {
      if (ids.length >= most) break;
      if (outcome !== undefined) ids.push(id);
    }
    return ids;
  }

  /** Bytes of requests and outcomes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Remembered ids of acknowledged runs. */
  get remembered(): number {
    return this.#acknowledged.size;
  }

  get rememberedBytes(): number {
    return this.#acknowledged.bytes;
  }

  #admit(maxActive = this.bounds.maxActive): void {
    const { maxRuns, maxBytes } = this.bounds;
    if (this.#closed === 'NotReady') throw new RefusalError('NotReady', 'no VM is warm yet; nothing was started');
    if (this.#closed === 'Draining') throw new RefusalError('Draining', 'the pod is draining; nothing was started');
    if (this.#active >= maxActive) throw new RefusalError('Busy', `${maxActive} runs are active; nothing was started`);
    if (this.#entries.size >= maxRuns || this.#bytes >= maxBytes) {
      const held = `${this.unacknowledged} outcomes are unacknowledged`;
      throw new RefusalError('Busy', `${held}, which is the limit; nothing was started`);
    }
  }

  async #run(id: string, work: Work, signal: AbortSignal): Promise<RunOutcome> {
    try {
      return await work.run(signal);
    } catch (error) {
      return this.#events.failed(id, error);
    }
  }

  #finish(entry: Entry, outcome: RunOutcome): Buffer {
    const json = JSON.stringify({ state: 'finished', outcome } satisfies RunState);
    // Not from Node's buffer pool, where a small slice keeps a whole pool alive.
    const body = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
    body.write(json);
    entry.outcome = body;
    entry.cancel = undefined;
    this.#active--;
    this.#bytes += body.length - entry.bytes;
    entry.bytes = body.length;
    return body;
  }

  #find(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined && this.#acknowledged.has(id)) {
      throw new RefusalError('Acknowledged', 'the run is finished and acknowledged');
    }
    return entry;
  }

  #known(id: string): Entry {
    const entry = this.#find(id);
    if (entry === undefined) throw unknownRun();
    return entry;
  }
}

const unknownRun = (): RefusalError => new RefusalError('UnknownRun', 'this pod has not received such a run');
