/** Ends with `q`. In raw mode the terminal sends Ctrl-C as a character too. */
export class QuitKey implements Disposable {
  readonly #controller = new AbortController();
  readonly #onData = (data: Buffer): void => {
    if (['q', 'Q', '\x03', '\x1b'].includes(data.toString())) this.#controller.abort();
  };

  constructor() {
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(true).on('data', this.#onData).resume();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(false).off('data', this.#onData).pause();
  }
}
