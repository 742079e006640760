const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** A terminal's alternate screen: what was on the terminal before is there again after it is disposed. */
export class Screen implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  readonly #onExit = (): void => this[Symbol.dispose]();
  #isOpen = true;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.write(ENTER);
    // A second Ctrl-C ends the process at once.
    process.once('exit', this.#onExit);
  }

  /** Draws over what was there, so that nothing flickers. */
  draw(text: string): void {
    this.#stream.write(`${HOME}${text.replaceAll('\n', `${CLEAR_LINE}\n`)}${CLEAR_BELOW}`);
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#onExit);
    this.#stream.write(LEAVE);
  }
}
