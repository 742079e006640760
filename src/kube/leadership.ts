/** This process no longer leads: another may, so it must not write. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** The leader's view of its term. */
export interface Leadership {
  /** The Lease's `leaseTransitions`: greater in every later term, of any process. */
  readonly epoch: number;
  /** Aborted when the term is lost (reason: `LeadershipLostError`) or the elector is asked to stop. */
  readonly signal: AbortSignal;
  /**
   * Whether no other process can lead at this moment. Reads the clock, so it is right even in the first instant after a
   * pause of the process, before any timer has fired. Stays true while the elector shuts down, until `lead` returns.
   */
  readonly held: boolean;
  /** Throws `LeadershipLostError` unless held. */
  readonly assertHeld: () => void;
  /** Aborted when the term is lost or over, not by a shutdown request: the last writes of a shutdown still succeed. */
  readonly lost: AbortSignal;
}

/** A term of leadership, as the elector manages it. */
export class Term implements Leadership {
  readonly epoch: number;
  readonly #controller = new AbortController();
  readonly #over = new AbortController();
  #heldUntil: number;
  #lost: LeadershipLostError | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `heldUntil` is in milliseconds of `performance.now()`. */
  constructor(epoch: number, heldUntil: number) {
    this.epoch = epoch;
    this.#heldUntil = heldUntil;
    this.#arm();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get lost(): AbortSignal {
    return this.#over.signal;
  }

  get held(): boolean {
    if (this.#lost === undefined && performance.now() >= this.#heldUntil)
      this.lose('the lease was not renewed in time');
    return this.#lost === undefined;
  }

  get heldForMs(): number {
    return this.held ? this.#heldUntil - performance.now() : 0;
  }

  readonly assertHeld = (): void => {
    if (!this.held) throw this.#lost;
  };

  /** The Lease was renewed. A lost term stays lost. */
  extend(heldUntil: number): void {
    if (!this.held) return;
    this.#heldUntil = heldUntil;
    this.#arm();
  }

  /** Another process leads, or may. */
  lose(why: string): void {
    if (this.#lost) return;
    this.#lost = new LeadershipLostError(`no longer the leader (epoch ${this.epoch}): ${why}`);
    clearTimeout(this.#timer);
    this.#controller.abort(this.#lost);
    this.#over.abort(this.#lost);
  }

  /** Asks the leader to finish its work; the term is still held. */
  stop(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The term ended normally. */
  close(): void {
    this.lose('the term is over');
  }

  #lookAtClock(): void {
    if (!this.#lost && performance.now() >= this.#heldUntil) this.lose('the lease was not renewed in time');
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lookAtClock(), Math.max(0, this.#heldUntil - performance.now()) + 1);
  }
}
