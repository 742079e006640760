import type { BodyHold } from './body-budget.ts';

const MIN_BYTES = 1024;

/**
 * A body as it arrives, in one piece of memory that grows: a client may send it byte by byte, and to keep each piece would take
 * a hundred times what it holds.
 */
export class ArrivingBody {
  readonly #hold: BodyHold;
  readonly #maxBytes: number;
  #memory = Buffer.alloc(0);
  #bytes = 0;

  /** @param maxBytes it has no more */
  constructor(hold: BodyHold, maxBytes: number) {
    this.#hold = hold;
    this.#maxBytes = maxBytes;
  }

  /** @throws Refusal TooManyRequests or ServiceUnavailable where there is no room for it */
  add(chunk: Buffer): void {
    const bytes = this.#bytes + chunk.length;
    if (bytes > this.#memory.length) this.#grow(bytes);
    chunk.copy(this.#memory, this.#bytes);
    this.#bytes = bytes;
  }

  /** All that has arrived. */
  get whole(): Buffer {
    return this.#memory.subarray(0, this.#bytes);
  }

  #grow(bytes: number): void {
    const size = Math.max(bytes, Math.min(this.#maxBytes, Math.max(MIN_BYTES, 2 * this.#memory.length)));
    this.#hold.take(size - this.#memory.length);
    const memory = Buffer.allocUnsafe(size);
    this.#memory.copy(memory, 0, 0, this.#bytes);
    this.#memory = memory;
  }
}
