/**
 * A signal that is aborted with the first of several signals. Disposing it removes its listeners from them, since they
 * may live much longer.
 */
export class JoinedSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #others: readonly AbortSignal[];

  constructor(others: readonly (AbortSignal | undefined)[]) {
    this.#others = others.filter((each) => each !== undefined);
    for (const other of this.#others) {
      if (other.aborted) this.#controller.abort(other.reason);
      else other.addEventListener('abort', this.#abort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const other of this.#others) other.removeEventListener('abort', this.#abort);
  }

  readonly #abort = ({ target }: Event): void => this.#controller.abort((target as AbortSignal).reason);
}
