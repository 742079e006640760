import type { IncomingMessage } from 'node:http';
import { MAX_PIECE_BYTES } from '../../api/web-exchange.ts';

/** Fires once, for any of what may come next of a request. */
const EVENTS = ['readable', 'end', 'close', 'error'] as const;
const END = { done: true, value: undefined } as const;

/**
 * The body of a request as it arrives, in pieces of at most 256 KiB. Nothing is read before the first piece is asked for, so that TCP slows a
 * fast client down. It can be iterated once.
 */
export class StreamedBody implements AsyncIterable<Uint8Array> {
  readonly #request: IncomingMessage;
  readonly #maxBytes: number;
  readonly #onTooLarge: () => void;
  #bytes = 0;
  /** Of the last chunk, which may be longer than a piece. */
  #rest: Buffer | undefined;
  #isClosed = false;
  #wake = (): void => {};

  /** @param onTooLarge it has more than `maxBytes`: its pieces end with an error */
  constructor(request: IncomingMessage, { maxBytes, onTooLarge }: { maxBytes: number; onTooLarge: () => void }) {
    this.#request = request;
    this.#maxBytes = maxBytes;
    this.#onTooLarge = onTooLarge;
    // Node reads and drops a body of which nothing has been read when its response has been sent, though the script may go on.
    request.read(0);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: async () => this.#close() };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const request = this.#request;
    while (!this.#isClosed) {
      const chunk = this.#rest ?? (request.read() as Buffer | null);
      if (chunk !== null) return this.#piece(chunk);
      if (request.readableEnded) return END;
      if (request.destroyed) throw new Error('the body did not arrive whole');
      await this.#more();
    }
    return END;
  }

  #piece(chunk: Buffer): IteratorResult<Uint8Array> {
    const isNew = this.#rest === undefined;
    if (isNew) this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.#isClosed = true;
      this.#onTooLarge();
      throw new Error(`the body exceeds ${this.#maxBytes} bytes`);
    }
    this.#rest = chunk.length > MAX_PIECE_BYTES ? chunk.subarray(MAX_PIECE_BYTES) : undefined;
    return { done: false, value: chunk.subarray(0, MAX_PIECE_BYTES) };
  }

  async #more(): Promise<void> {
    const request = this.#request;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      for (const event of EVENTS) request.on(event, resolve);
    });
    for (const event of EVENTS) request.off(event, this.#wake);
  }

  #close(): IteratorResult<Uint8Array> {
    this.#isClosed = true;
    this.#rest = undefined;
    this.#wake();
    return END;
  }
}
