/** We do not lead any more: somebody else may, so nothing may be written. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** What a leader is given for its term. */
export interface Leadership {
  /** The lease's `leaseTransitions`: greater in every later term, whoever leads it. */
  readonly epoch: number;
  /** Aborted when the term is lost (the reason is a `LeadershipLostError`), or when the elector is asked to stop. */
  readonly signal: AbortSignal;
  /**
   * Whether nobody else can lead at this moment. It looks at the clock: right also in the first instant after a pause of the
   * process, before any timer has fired. While the elector stops in good order it stays true until we are done.
   */
  readonly held: boolean;
  /** Throws `LeadershipLostError` unless held. */
  readonly assertHeld: () => void;
  /** Aborted when the term is lost, or over, and not before: what is still to be written at the end can be. */
  readonly lost: AbortSignal;
}

/** A term of leadership, as the elector keeps it. */
export class Term implements Leadership {
  readonly epoch: number;
  readonly #controller = new AbortController();
  readonly #over = new AbortController();
  #heldUntil: number;
  #lost: LeadershipLostError | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `heldUntil` in milliseconds of `performance.now()`. */
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

  /** The lease was renewed. A term that is lost stays lost. */
  extend(heldUntil: number): void {
    if (!this.held) return;
    this.#heldUntil = heldUntil;
    this.#arm();
  }

  /** Somebody else leads, or may. */
  lose(why: string): void {
    if (this.#lost) return;
    this.#lost = new LeadershipLostError(`no longer the leader (epoch ${this.epoch}): ${why}`);
    clearTimeout(this.#timer);
    this.#controller.abort(this.#lost);
    this.#over.abort(this.#lost);
  }

  /** Asks the leader to end its work; the term is still held. */
  stop(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The term is over, in good order. */
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
