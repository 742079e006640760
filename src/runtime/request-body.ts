import { MAX_PIECE_BYTES, MAX_STREAMED_BODY_BYTES } from '../api/web-exchange.ts';
import type { BodyStep } from './wire/body-step.ts';

/** Answers a `read`: the next bytes, none at the end; where it is not `ok`, `value` says why. */
export type ReplyToRead = (call: number, ok: boolean, value: string, bytes?: Buffer) => void;

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The streamed body of a request, as a sandbox reads it: a piece is asked for when the script asks for bytes, so that the body is not read
 * faster than the script reads it.
 */
export class RequestBody {
  readonly #pieces: AsyncIterator<Uint8Array>;
  /** Of the last piece, which may be longer than a step is. */
  #rest: Buffer = NOTHING;
  #bytes = 0;
  /** Answers the read that is under way. */
  #answer: ((ok: boolean, value: string, bytes?: Buffer) => void) | undefined;
  #isOver = false;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** @throws TypeError for a second `read` before the answer to the first: no sandbox sends that, unless it has been taken over */
  handle({ call, step }: BodyStep, reply: ReplyToRead): void {
    if (step === 'cancel') {
      this.close();
      return;
    }
    if (this.#answer !== undefined) throw new TypeError('two reads of a body at once');
    this.#answer = (ok, value, bytes) => reply(call, ok, value, bytes);
    void this.#next().then(
      (bytes) => this.#settle(true, '', bytes),
      (error: unknown) => {
        this.#settle(
          false,
          error instanceof BodyTooLarge ? error.message : 'the body of the request did not arrive whole',
        );
        this.close();
      },
    );
  }

  /** Nothing reads it any more: a read that is under way is at the end of the body. Idempotent. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#rest = NOTHING;
    this.#settle(true, '');
    // That of a generator that waits settles once the generator has gone on.
    void Promise.resolve(this.#pieces.return?.()).catch(() => {});
  }

  #settle(ok: boolean, value: string, bytes?: Buffer): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(ok, value, bytes);
  }

  async #next(): Promise<Buffer> {
    while (this.#rest.length === 0 && !this.#isOver) {
      const { done, value } = await this.#pieces.next();
      if (done === true) {
        this.#isOver = true;
        break;
      }
      this.#bytes += value.length;
      if (this.#bytes > MAX_STREAMED_BODY_BYTES) throw new BodyTooLarge();
      if (!this.#isOver) this.#rest = Buffer.from(value.buffer, value.byteOffset, value.length);
    }
    const piece = this.#rest.subarray(0, MAX_PIECE_BYTES);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}

class BodyTooLarge extends Error {
  constructor() {
    super(`the body of the request has more than ${MAX_STREAMED_BODY_BYTES} bytes`);
  }
}
