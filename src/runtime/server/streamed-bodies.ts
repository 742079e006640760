import { MAX_PIECE_BYTES } from '../../api/web-exchange.ts';
import { RefusalError } from './refusal.ts';

const NOTHING = Buffer.alloc(0);

/** Bodies of requests, which gateways send in pieces while scripts read them. */
export class StreamedBodies {
  /** What takes the piece that a run waits for, by the id of the run. */
  readonly #reads = new Map<string, (bytes: Buffer) => void>();

  /**
   * The body of a run's request.
   * @param pull asks the gateway for the next piece
   */
  body(id: string, pull: () => void): AsyncIterable<Uint8Array> {
    const next = (): Promise<IteratorResult<Uint8Array>> =>
      new Promise((resolve) => {
        this.#reads.set(id, (bytes) => {
          this.#reads.delete(id);
          resolve(bytes.length === 0 ? { done: true, value: undefined } : { done: false, value: bytes });
        });
        pull();
      });
    const end = async (): Promise<IteratorResult<Uint8Array>> => {
      this.#reads.get(id)?.(NOTHING);
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
  }

  /** Gives a run the piece that it waits for; without bytes: its body is complete. @throws RefusalError UnknownRun, TooLarge */
  give(id: string, bytes: Buffer): void {
    if (bytes.length > MAX_PIECE_BYTES)
      throw new RefusalError('TooLarge', `a piece has at most ${MAX_PIECE_BYTES} bytes`);
    const read = this.#reads.get(id);
    if (read === undefined) throw new RefusalError('UnknownRun', 'no run with this id waits for a piece of a body');
    read(bytes);
  }
}
