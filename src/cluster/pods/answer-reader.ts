import type { IncomingMessage } from 'node:http';
import { eachChunk } from './each-chunk.ts';

/** Maximum bytes of incomplete answers of all pods. */
const MAX_BUFFERED_BYTES = 32 << 20;
/** Maximum time between the start and the end of an answer. */
const ANSWER_MS = 5000;

interface Partial {
  readonly response: IncomingMessage;
  bytes: number;
}

/** The answer exceeds the limit of its kind. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * Reads answers of pods, each with its own size limit. If all incomplete answers exceed their total limit, the oldest
 * is aborted, so that slow pods cannot block others.
 */
export class AnswerReader {
  /** Oldest first. */
  readonly #partial = new Set<Partial>();
  #bytes = 0;

  /** Returns the text. Throws `AnswerTooLarge`, or another error if the answer is incomplete. */
  async read(response: IncomingMessage, maxBytes: number): Promise<string> {
    const chunks: Buffer[] = [];
    const own: Partial = { response, bytes: 0 };
    const late = setTimeout(() => response.destroy(new Error('the answer did not end in time')), ANSWER_MS);
    this.#partial.add(own);
    try {
      if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
      await eachChunk(response, (chunk) => {
        own.bytes += chunk.length;
        this.#bytes += chunk.length;
        if (own.bytes > maxBytes) throw tooLarge(maxBytes);
        chunks.push(chunk);
        this.#makeRoom();
        return false;
      });
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
      response.destroy(new Error('too many incomplete answers'));
      return;
    }
  }
}

const tooLarge = (maxBytes: number): Error => new AnswerTooLarge(`the answer exceeds ${maxBytes} bytes`);
