import type { IncomingMessage } from 'node:http';
import { MAX_PIECE_BYTES } from '../../api/web-exchange.ts';
import { askForBody } from '../../http/expect-continue.ts';
import { BodyBudget, type BodyHold } from './body-budget.ts';

/** What has arrived and is not read from which on no more is taken in. */
const ENOUGH_BYTES = 64 << 10;
/** The most that a streamed body takes: one read of its connection comes on top. */
const MAX_HELD_BYTES = ENOUGH_BYTES + (64 << 10);
const MIN_BYTES = 1024;
const NOTHING: Buffer = Buffer.alloc(0);
const END = { done: true, value: undefined } as const;

/** Of this process, which is one gateway: room for 1024 at once, of which a namespace has half at most. */
export const STREAMED_BODIES = new BodyBudget(1024 * MAX_HELD_BYTES);

/**
 * The body of a request as it arrives, in pieces of at most 256 KiB. What has arrived is in one piece of memory, since Node would keep an
 * object for each chunk of a client that sends single bytes. Once that is enough, TCP holds the client back. It can be iterated once, and is
 * to be closed.
 */
export class StreamedBody implements AsyncIterable<Uint8Array>, Disposable {
  readonly #request: IncomingMessage;
  readonly #maxBytes: number;
  readonly #onTooLarge: () => void;
  #memory = NOTHING;
  /** Bytes in memory. */
  #held = 0;
  #received = 0;
  #isPausing = false;
  #isClosed = false;
  #wake = (): void => {};
  readonly #look = (): void => this.#wake();

  /**
   * @param hold what it takes room of
   * @param onTooLarge it has more than `maxBytes`: its pieces end with an error
   * @throws Refusal TooManyRequests or ServiceUnavailable where there is no room for it
   */
  constructor(
    request: IncomingMessage,
    { maxBytes, hold, onTooLarge }: { maxBytes: number; hold: BodyHold; onTooLarge: () => void },
  ) {
    hold.take(MAX_HELD_BYTES);
    this.#request = request;
    this.#maxBytes = maxBytes;
    this.#onTooLarge = onTooLarge;
    request.on('data', (chunk: Buffer) => this.#take(chunk));
    for (const event of ['end', 'close', 'error'] as const) request.on(event, this.#look);
    // After its response, Node does not tell a request that its connection has closed.
    request.socket.on('close', this.#look);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        return END;
      },
    };
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Nothing reads it any more: a read that is under way fails, and what still arrives is dropped. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#memory = NOTHING;
    this.#held = 0;
    this.#request.socket.off('close', this.#look);
    this.#resume();
    this.#wake();
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const request = this.#request;
    askForBody(request);
    for (;;) {
      if (this.#received > this.#maxBytes) throw new Error(`the body exceeds ${this.#maxBytes} bytes`);
      // Not its end: a pod whose answer was lost would take what it has for the whole body.
      if (this.#isClosed) throw new Error('the body is closed');
      if (this.#held > 0) return { done: false, value: this.#piece() };
      if (request.complete && request.readableLength === 0) return END;
      if (request.destroyed || request.socket.destroyed) throw new Error('the body did not arrive whole');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #piece(): Buffer {
    const bytes = Math.min(this.#held, MAX_PIECE_BYTES);
    const piece = this.#memory.subarray(0, bytes);
    this.#memory = this.#memory.subarray(bytes);
    this.#held -= bytes;
    if (this.#held < ENOUGH_BYTES) this.#resume();
    return piece;
  }

  #take(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#received += chunk.length;
    if (this.#received > this.#maxBytes) {
      this.close();
      this.#onTooLarge();
      return;
    }
    const bytes = this.#held + chunk.length;
    if (bytes > this.#memory.length) {
      const memory = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#held, MIN_BYTES));
      this.#memory.copy(memory, 0, 0, this.#held);
      this.#memory = memory;
    }
    chunk.copy(this.#memory, this.#held);
    this.#held = bytes;
    if (bytes >= ENOUGH_BYTES) this.#pause();
    this.#wake();
  }

  /** Reads no more of the connection. To pause the request would not do: Node goes on reading, and keeps each chunk by itself. */
  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    // After each chunk the request asks its connection for more: in the next tick, and the connection goes on in the one after that.
    afterTicks(3, () => {
      this.#isPausing = false;
      if (this.#held >= ENOUGH_BYTES) this.#request.socket.pause();
    });
  }

  #resume(): void {
    const { socket } = this.#request;
    if (socket.isPaused()) socket.resume();
  }
}

function afterTicks(ticks: number, act: () => void): void {
  process.nextTick(ticks === 1 ? act : () => afterTicks(ticks - 1, act));
}
