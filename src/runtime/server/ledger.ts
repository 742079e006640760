import type { RunOutcome, RunState } from '../../api/pod-protocol.ts';
import { RefusalError } from './refusal.ts';
import { Tombstones } from './tombstones.ts';

/** What the pod holds of runs at most. */
export interface LedgerBounds {
  /** Runs that run or wait for a VM. */
  readonly maxActive: number;
  /** Those, and the finished ones that nobody has acknowledged. */
  readonly maxRuns: number;
  /**
   * Bytes of the requests of active runs and of the outcomes of finished ones. Where these are reached nothing is
   * started; what runs then may still add its outcomes.
   */
  readonly maxBytes: number;
  /** Ids of runs that are over. */
  readonly maxRemembered: number;
}

export interface LedgerEvents {
  /** A run has rejected, which is a bug of this program: this gives its outcome. */
  failed(id: string, error: unknown): RunOutcome;
  /** As many ids are remembered as may be: time for the process to end in good order and begin anew. */
  full(): void;
}

/** What a run is, read and ready to start. */
export interface Work {
  /** Bytes that it holds while it runs. */
  readonly requestBytes: number;
  run(signal: AbortSignal): Promise<RunOutcome>;
}

interface Entry {
  /** Never rejects. */
  readonly ended: Promise<Buffer>;
  /** Undefined once the run has ended. */
  cancel: AbortController | undefined;
  /** RunState as JSON: written once, however often it is asked for. */
  outcome: Buffer | undefined;
  bytes: number;
}

const RUNNING = Buffer.from(JSON.stringify({ state: 'running' } satisfies RunState));

/**
 * Every run this process has heard of: active, finished, or acknowledged. A run is started once, its outcome is kept
 * until somebody acknowledges it, and its id is remembered for the life of the process.
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

  /** Takes new runs from now on. */
  open(): void {
    if (this.#closed === 'NotReady') this.#closed = undefined;
  }

  /** Takes no new runs from now on, for good. */
  drain(): void {
    this.#closed = 'Draining';
  }

  /** Resolves when there is nothing left to finish or to acknowledge. */
  async empty(): Promise<void> {
    if (this.#entries.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  /**
   * Starts a run, or joins the one of that id.
   * @param prepare called where there is a run to start; what it throws has started nothing
   * @returns the outcome as the JSON of a RunState, when the run has ended
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

  /** The JSON of a RunState. @throws RefusalError Acknowledged or UnknownRun */
  state(id: string): Buffer {
    return this.#known(id).outcome ?? RUNNING;
  }

  /** Ends a run early; one that has finished stays as it is. @throws RefusalError Acknowledged or UnknownRun */
  cancel(id: string): void {
    this.#known(id).cancel?.abort();
  }

  /** Forgets an outcome for good. Saying so again changes nothing. @throws RefusalError StillRunning or UnknownRun */
  acknowledge(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      if (this.#acknowledged.has(id)) return;
      throw unknownRun();
    }
    if (entry.outcome === undefined) throw new RefusalError('StillRunning', 'the run has not ended');
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

  /** The ids of runs that have ended and are not acknowledged, in the order of their start, at most so many. */
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

  /** Ids remembered of runs that are over. */
  get remembered(): number {
    return this.#acknowledged.size;
  }

  get rememberedBytes(): number {
    return this.#acknowledged.bytes;
  }

  #admit(): void {
    const { maxActive, maxRuns, maxBytes } = this.bounds;
    if (this.#closed === 'NotReady') throw new RefusalError('NotReady', 'no VM is warm yet; nothing was started');
    if (this.#closed === 'Draining') throw new RefusalError('Draining', 'the pod is going away; nothing was started');
    if (this.#active >= maxActive) throw new RefusalError('Busy', `${maxActive} runs are active; nothing was started`);
    if (this.#entries.size >= maxRuns || this.#bytes >= maxBytes) {
      const held = `${this.unacknowledged} outcomes wait to be acknowledged`;
      throw new RefusalError('Busy', `${held}, and there is no room for more; nothing was started`);
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
    // Not out of Node's pool of buffers, of which the smallest rest would keep a whole one alive.
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
      throw new RefusalError('Acknowledged', 'the run is over and was acknowledged');
    }
    return entry;
  }

  #known(id: string): Entry {
    const entry = this.#find(id);
    if (entry === undefined) throw unknownRun();
    return entry;
  }
}

const unknownRun = (): RefusalError => new RefusalError('UnknownRun', 'no such run has arrived here');
