import type { PodAddress, PodClient } from '../../cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable } from '../../cluster/pods/pod-errors.ts';

const NOTHING: Buffer = Buffer.alloc(0);

export interface BodyPiecesParts {
  readonly client: Pick<PodClient, 'sendPiece' | 'breakBody'>;
  readonly pod: PodAddress;
  /** Id of the run whose request has the body. */
  readonly id: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** A piece could not be sent: the run waits for it in vain. */
  readonly onLost: (error: unknown) => void;
}

/**
 * Sends the pieces of a body to the pod that has accepted its request, each when the pod asks for it. One is under way at most: a pod that
 * asks and takes nothing has the gateway hold no more.
 */
export class BodyPieces {
  readonly #parts: BodyPiecesParts;
  readonly #pieces: AsyncIterator<Uint8Array>;
  /** When the piece before is taken. */
  #taken: Promise<void> = Promise.resolve();
  #isAsked = false;
  #isOver = false;

  constructor(parts: BodyPiecesParts) {
    this.#parts = parts;
    this.#pieces = parts.body[Symbol.asyncIterator]();
  }

  /** @throws Error for a second request before the first is answered, and for one after the end of the body */
  readonly pull = (): void => {
    if (this.#isAsked) throw new Error('the pod asks for two pieces of a body at once');
    if (this.#isOver) throw new Error('the pod asks for a piece after the end of a body');
    this.#isAsked = true;
    this.#taken = this.#taken.then(() => this.#send());
  };

  async #send(): Promise<void> {
    const { client, pod, id, signal, onLost } = this.#parts;
    if (signal.aborted) return;
    const bytes = await this.#next();
    this.#isOver = bytes === undefined || bytes.length === 0;
    // The pod may ask for the next piece before its answer to this one is here.
    this.#isAsked = false;
    try {
      if (bytes === undefined) await client.breakBody(pod, id, signal);
      else await client.sendPiece(pod, id, bytes, signal);
    } catch (error) {
      // A pod that refuses a piece has no run that waits for it: its answer says how the run has ended.
      if (error instanceof PodRefusal || signal.aborted) return;
      // Not the error itself: a pod that is not reached with a piece has started the run all the same.
      onLost(new PodUnreachable(`a piece of the body was not taken: ${(error as Error).message}`));
    }
  }

  /** The next piece; without bytes: the end; undefined: the client is gone, or has sent too much. */
  async #next(): Promise<Buffer | undefined> {
    try {
      const { done, value } = await this.#pieces.next();
      return done === true ? NOTHING : Buffer.from(value.buffer, value.byteOffset, value.length);
    } catch {
      return undefined;
    }
  }
}
