import { type Duplex, pipeline, type Readable } from 'node:stream';

/** Bytes that wait to be read, at most, but for a chunk of the source; and the most that one read gives. */
export const MAX_READ_BYTES = 64 << 10;

/** The body of a response: decompressed, and held back while nobody reads it. A short one is complete without a reader. */
export class ResponseBody {
  /** Resolves when the source has ended, with the error if it is not complete. */
  readonly ended: Promise<Error | undefined>;
  readonly #source: Readable;
  readonly #stream: Readable;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #error: Error | undefined;
  #isOver = false;
  #waiting: (() => void) | undefined;

  /** @param count is told of bytes as they arrive: those of the network, and those that they are decompressed to */
  constructor(source: Readable, decoders: readonly Duplex[], count: (raw: number, decoded: number) => void) {
    this.#source = source;
    if (decoders.length > 0) source.on('data', (chunk: Buffer) => count(chunk.length, 0));
    const stream = decoders.length === 0 ? source : (pipeline([source, ...decoders], () => {}) as unknown as Readable);
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      count(decoders.length === 0 ? chunk.length : 0, chunk.length);
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes >= MAX_READ_BYTES) stream.pause();
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      const end = (error?: Error): void => {
        this.#error ??= error;
        this.#isOver = true;
        this.#wake();
        resolve(this.#error);
      };
      stream.once('end', () => end());
      stream.once('error', end);
      stream.once('close', () => end());
    });
  }

  /** The next bytes, at most `MAX_READ_BYTES`; undefined at the end. One read at a time. @throws what ended the source */
  async read(): Promise<Buffer | undefined> {
    while (this.#bytes === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    const rest = all.subarray(MAX_READ_BYTES);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    if (this.#bytes < MAX_READ_BYTES) this.#stream.resume();
    return all.subarray(0, MAX_READ_BYTES);
  }

  /** Ends the source: its connection is closed unless the body is complete. */
  destroy(error: Error): void {
    this.#error ??= error;
    this.#source.on('error', () => {}).destroy(error);
    this.#stream.on('error', () => {}).destroy(error);
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
