import { MAX_PIECE_BYTES } from '../../api/web-exchange.ts';
import { RefusalError } from './refusal.ts';

const NOTHING = Buffer.alloc(0);

/** Takes the piece that a run waits for; undefined: the body has broken off. */
type TakePiece = (bytes: Buffer | undefined) => void;

/** Bodies of requests, which gateways send in pieces while scripts read them. */
export class StreamedBodies {
  /** By the id of the run that waits. */
  readonly #reads = new Map<string, TakePiece>();

  /**
   * The body of a run's request.
   * @param pull asks the gateway for the next piece
   */
  body(id: string, pull: () => void): AsyncIterable<Uint8Array> {
    const next = (): Promise<IteratorResult<Uint8Array>> =>
      new Promise((resolve, reject) => {
        this.#reads.set(id, (bytes) => {
          this.#reads.delete(id);
          if (bytes === undefined) reject(new Error('the body did not arrive whole'));
          else resolve(bytes.length === 0 ? { done: true, value: undefined } : { done: false, value: bytes });
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
    this.#readOf(id)(bytes);
  }

  /** The piece that a run waits for never comes. @throws RefusalError UnknownRun */
  break(id: string): void {
    this.#readOf(id)(undefined);
  }

  #readOf(id: string): TakePiece {
    const read = this.#reads.get(id);
    if (read === undefined) throw new RefusalError('UnknownRun', 'no run with this id waits for a piece of a body');
    return read;
  }
}
