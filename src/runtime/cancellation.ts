/** Whether something is cancelled. An AbortSignal is one. */
export type Cancelled = Pick<AbortSignal, 'aborted'>;

/**
 * What cancels an execution: whoever has asked for it, or the runtime that closes. It can be asked, which costs nothing. A signal that
 * follows both is made when one is asked for: most executions need none, and to make one takes longer than to encode a request.
 */
export class Cancellation implements Cancelled {
  /** For what waits for something that ends when the runtime closes; undefined: nobody else cancels it. */
  readonly own: AbortSignal | undefined;
  readonly #closing: AbortSignal;
  #signal: AbortSignal | undefined;

  constructor(own: AbortSignal | undefined, closing: AbortSignal) {
    this.own = own;
    this.#closing = closing;
  }

  get aborted(): boolean {
    return this.own?.aborted === true || this.#closing.aborted;
  }

  /** Aborted with the first of the two. */
  get signal(): AbortSignal {
    this.#signal ??= this.own === undefined ? this.#closing : AbortSignal.any([this.own, this.#closing]);
    return this.#signal;
  }

  /** @throws the reason of the one that is aborted */
  throwIfAborted(): void {
    this.own?.throwIfAborted();
    this.#closing.throwIfAborted();
  }
}
