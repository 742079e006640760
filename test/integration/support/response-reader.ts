import type { HeaderPair, Respond } from '../../../src/index.ts';

/** Collects the parts of a response. */
export class ResponseReader {
  readonly #chunks: Buffer[] = [];
  #head: { readonly status?: number; readonly statusText?: string; readonly headers?: readonly HeaderPair[] } = {};
  #isComplete = false;

  readonly respond: Respond = ({ head, bytes, isLast }) => {
    if (head !== undefined) this.#head = head;
    this.#chunks.push(Buffer.from(bytes));
    this.#isComplete = isLast;
  };

  get response() {
    const bytes = Buffer.concat(this.#chunks);
    return { ...this.#head, bytes, body: bytes.toString(), isComplete: this.#isComplete };
  }
}
