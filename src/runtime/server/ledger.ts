import type { RunOutcome, RunState } from '../../api/pod-protocol.ts';
import { RefusalError } from './refusal.ts';

/** What the pod holds of runs at most. */
export interface LedgerBounds {
  /** Runs that run or wait for a VM. */
  readonly maxActive: number;
  /** Finished runs that nobody has acknowledged, beside the active ones. */
  readonly maxUnacknowledged: number;
}

interface Entry {
  readonly outcome: Promise<RunOutcome>;
  readonly cancel: AbortController;
  finished: RunOutcome | undefined;
}

/**
 * Every run this process has heard of: active, finished, or acknowledged. A run is started once, its outcome is kept
 * until somebody acknowledges it, and its id is remembered for the life of the process.
 */
export class RunLedger {
  readonly #bounds: LedgerBounds;
  readonly #entries = new Map<string, Entry>();
  readonly #acknowledged = new Set<string>();
  #active = 0;
  #draining = false;

  constructor(bounds: LedgerBounds) {
    this.#bounds = bounds;
  }

  /**
   * Starts a run, or joins the one of that id.
   * @throws RefusalError Acknowledged, Busy or Draining: nothing was started
   */
  start(id: string, run: (signal: AbortSignal) => Promise<RunOutcome>): Promise<RunOutcome> {
    const known = this.#find(id);
    if (known !== undefined) return known.outcome;
    if (this.#draining) throw new RefusalError('Draining', 'the pod is going away; nothing was started');
    if (this.#active >= this.#bounds.maxActive) throw new RefusalError('Busy', 'too many runs; nothing was started');
    if (this.#entries.size >= this.#bounds.maxActive + this.#bounds.maxUnacknowledged) {
      throw new RefusalError('Busy', 'too many outcomes that nobody has acknowledged; nothing was started');
    }
    const cancel = new AbortController();
    this.#active++;
    const entry: Entry = {
      cancel,
      finished: undefined,
      outcome: run(cancel.signal).then((outcome) => {
        entry.finished = outcome;
        this.#active--;
        return outcome;
      }),
    };
    this.#entries.set(id, entry);
    return entry.outcome;
  }

  /** @throws RefusalError Acknowledged or UnknownRun */
  state(id: string): RunState {
    const entry = this.#known(id);
    return entry.finished === undefined ? { state: 'running' } : { state: 'finished', outcome: entry.finished };
  }

  /** Ends a run early; one that has finished stays as it is. @throws RefusalError Acknowledged or UnknownRun */
  cancel(id: string): void {
    this.#known(id).cancel.abort();
  }

  /** Forgets an outcome for good. Saying so again changes nothing. @throws RefusalError StillRunning or UnknownRun */
  acknowledge(id: string): void {
    if (this.#acknowledged.has(id)) return;
    if (this.#known(id).finished === undefined) throw new RefusalError('StillRunning', 'the run has not ended');
    this.#entries.delete(id);
    this.#acknowledged.add(id);
  }

  /** Takes no new runs from now on. */
  drain(): void {
    this.#draining = true;
  }

  get draining(): boolean {
    return this.#draining;
  }

  get active(): number {
    return this.#active;
  }

  get unacknowledged(): number {
    return this.#entries.size - this.#active;
  }

  /** Ids remembered of runs that are over. */
  get remembered(): number {
    return this.#acknowledged.size;
  }

  #find(id: string): Entry | undefined {
    if (this.#acknowledged.has(id)) throw new RefusalError('Acknowledged', 'the run is over and was acknowledged');
    return this.#entries.get(id);
  }

  #known(id: string): Entry {
    const entry = this.#find(id);
    if (entry === undefined) throw new RefusalError('UnknownRun', 'no such run ever arrived here');
    return entry;
  }
}
