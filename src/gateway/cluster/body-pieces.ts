import { type PodAddress, type PodClient, PodRefusal } from '../../cluster/pods/pod-client.ts';

export interface BodyPiecesParts {
  readonly client: Pick<PodClient, 'sendPiece'>;
  readonly pod: PodAddress;
  /** Id of the run whose request has the body. */
  readonly id: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** A piece could not be sent: the run waits for it in vain. */
  readonly onLost: (error: unknown) => void;
}

/** Sends the pieces of a body to the pod that has accepted its request, each when the pod asks for it. */
export class BodyPieces {
  readonly #parts: BodyPiecesParts;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #isSending = false;

  constructor(parts: BodyPiecesParts) {
    this.#parts = parts;
    this.#pieces = parts.body[Symbol.asyncIterator]();
  }

  /** @throws Error for a second request before the first is answered */
  readonly pull = (): void => {
    if (this.#isSending) throw new Error('the pod asks for two pieces of a body at once');
    this.#isSending = true;
    void this.#send();
  };

  async #send(): Promise<void> {
    const { client, pod, id, signal, onLost } = this.#parts;
    let bytes: Uint8Array;
    try {
      const { done, value } = await this.#pieces.next();
      bytes = done === true ? new Uint8Array(0) : value;
    } catch {
      return; // The client is gone, or has sent too much: the signal ends the run.
    }
    this.#isSending = false;
    try {
      await client.sendPiece(pod, id, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), signal);
    } catch (error) {
      // A pod that refuses a piece has no run that waits for it: its answer says how the run has ended.
      if (!(error instanceof PodRefusal) && !signal.aborted) onLost(error);
    }
  }
}
