import type { IncomingMessage } from 'node:http';

/** Bytes of answers that are under way, of all pods together. */
const MAX_BUFFERED_BYTES = 32 << 20;
/** An answer that has begun is there within so long, or is none. */
const ANSWER_MS = 5000;

interface Partial {
  readonly response: IncomingMessage;
  bytes: number;
}

/** An answer has more bytes than its kind can have. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * Takes answers of pods, each up to a bound of its own. All together hold so many bytes at most: past that the one that has
 * been under way for longest is given up, so that no number of pods that answer slowly keeps others waiting.
 */
export class AnswerReader {
  /** Oldest first. */
  readonly #partial = new Set<Partial>();
  #bytes = 0;

  /** Gives the text. Throws `AnswerTooLarge`, or another error where the answer breaks off. */
  async read(response: IncomingMessage, maxBytes: number): Promise<string> {
    const chunks: Buffer[] = [];
    const own: Partial = { response, bytes: 0 };
    const late = setTimeout(() => response.destroy(new Error('the answer does not end')), ANSWER_MS);
    this.#partial.add(own);
    try {
      if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
      for await (const chunk of response as AsyncIterable<Buffer>) {
        own.bytes += chunk.length;
        this.#bytes += chunk.length;
        if (own.bytes > maxBytes) throw tooLarge(maxBytes);
        chunks.push(chunk);
        this.#makeRoom();
      }
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      response.destroy();
      throw error;
    } finally {
      clearTimeout(late);
      this.#partial.delete(own);
      this.#bytes -= own.bytes;
    }
  }

  #makeRoom(): void {
    for (const { response, bytes } of this.#partial) {
      if (this.#bytes <= MAX_BUFFERED_BYTES) return;
      if (bytes === 0 || response.destroyed) continue;
      response.destroy(new Error('too many answers are under way'));
      return;
    }
  }
}

const tooLarge = (maxBytes: number): Error => new AnswerTooLarge(`the answer has over ${maxBytes} bytes`);
