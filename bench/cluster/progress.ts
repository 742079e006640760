const TELL_EVERY_MS = 10_000;

/** Progress on stderr: one updated line on a terminal, otherwise a line per step and periodically. */
export class Progress {
  #step = '';
  #toldAt = 0;

  /** Starts a new step. */
  step(text: string): void {
    this.#step = text;
    this.#tell(text);
  }

  /** Progress of the step; may be called at any rate. */
  at(done: number, of: number): void {
    if (process.stderr.isTTY || performance.now() - this.#toldAt >= TELL_EVERY_MS) {
      this.#tell(`${this.#step}: ${done} of ${of}`);
    }
  }

  /** Clears the line before other output. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #tell(text: string): void {
    this.#toldAt = performance.now();
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }
}
