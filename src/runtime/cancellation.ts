/** Whether something is cancelled. An AbortSignal is one. */
export type Cancelled = Pick<AbortSignal, 'aborted'>;

/**
 * Several signals as one. It can be asked, which costs nothing; what waits listens to `signal`, which is made when it is first asked
 * for, since most executions wait for nothing, and to make a signal that follows others takes longer than to encode a request.
 */
export class Cancellation implements Cancelled {
  readonly #signals: readonly AbortSignal[];
  #signal: AbortSignal | undefined;

  constructor(signals: readonly AbortSignal[]) {
    this.#signals = signals;
  }

  get aborted(): boolean {
    return this.#signals.some(({ aborted }) => aborted);
  }

  /** Aborted with the first of them. */
  get signal(): AbortSignal {
    this.#signal ??=
      this.#signals.length === 1 ? (this.#signals[0] as AbortSignal) : AbortSignal.any([...this.#signals]);
    return this.#signal;
  }

  /** @throws the reason of the one that is aborted */
  throwIfAborted(): void {
    for (const signal of this.#signals) signal.throwIfAborted();
  }
}
