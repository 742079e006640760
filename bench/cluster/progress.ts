const TELL_EVERY_MS = 10_000;

/** Says on stderr what goes on: on a terminal in one line that changes, else a line for each step and now and then. */
export class Progress {
  #step = '';
  #toldAt = 0;

  /** A new step begins. */
  step(text: string): void {
    this.#step = text;
    this.#tell(text);
  }

  /** How far the step is; called as often as one likes. */
  at(done: number, of: number): void {
    if (process.stderr.isTTY || performance.now() - this.#toldAt >= TELL_EVERY_MS) {
      this.#tell(`${this.#step}: ${done} of ${of}`);
    }
  }

  /** Clears the line, for other output. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #tell(text: string): void {
    this.#toldAt = performance.now();
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }
}
