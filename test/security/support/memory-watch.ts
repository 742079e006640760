import { closeSync, openSync, readSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** Reads the resident memory of the process that runs an execution, every few milliseconds. */
export class MemoryWatch {
  readonly #buffer = Buffer.alloc(256);
  #file: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  peakBytes = 0;

  /** Starts over with another process. */
  follow(pid: number): void {
    this.stop();
    this.peakBytes = 0;
    this.#file = openSync(`/proc/${pid}/statm`, 'r');
    this.#timer = setInterval(() => this.#look(), 2);
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #look(): void {
    if (this.#file === undefined) return;
    try {
      const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
      const pages = this.#buffer.toString('latin1', 0, length).split(' ', 2)[1];
      this.peakBytes = Math.max(this.peakBytes, Number(pages) * PAGE_BYTES);
    } catch {
      // the process is gone
    }
  }
}
