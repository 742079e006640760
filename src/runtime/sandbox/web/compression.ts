/**
 * CompressionStream and DecompressionStream outside the isolate: zlib and Brotli through Node's handles, synchronously. Node's streams
 * around them need an event loop, and its functions `*Sync` take no text in parts.
 */
import {
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createDeflateRaw,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
} from 'node:zlib';

/** Streams that one run may have open at once: each takes up to half a megabyte of this process. */
const MAX_OPEN = 64;
/** Most bytes that one step gives: a small input may stand for gigabytes, which the script takes one by one. */
const OUTPUT_BYTES = 64 << 10;
const ZLIB_FINISH = 4;
const BROTLI_FINISH = 2;

const KINDS: Readonly<Record<string, () => unknown>> = {
  'compress gzip': createGzip,
  'compress deflate': createDeflate,
  'compress deflate-raw': createDeflateRaw,
  'compress brotli': createBrotliCompress,
  'decompress gzip': createGunzip,
  'decompress deflate': createInflate,
  'decompress deflate-raw': createInflateRaw,
  'decompress brotli': createBrotliDecompress,
};

/** What Node's streams of node:zlib are made around. */
interface ZlibStream {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ): void;
    close(): void;
    onerror: (message: string, errno: number, code: string) => void;
  };
  /** Room left of the output, and bytes left of the input, after a write. */
  readonly _writeState: Uint32Array;
}

interface Open {
  readonly stream: ZlibStream;
  readonly finish: number;
  /** What has not been taken yet of the last input. */
  input: Uint8Array;
  hasFailed: boolean;
}

/** The compressing and decompressing streams of one run. */
export class Compressors {
  readonly #open = new Map<string, Open>();
  readonly #output = new Uint8Array(OUTPUT_BYTES);

  /**
   * Gives a stream its next input, or takes a step with what is left of it.
   * @param settings `compress` or `decompress`, the format, the stream's number, and `write`, `more` or `finish`, with spaces between
   * @returns output, and after it a byte: 1 where there is more to come, 0 where it wants more input, 2 where the input goes on after
   * the end of what is compressed. Undefined where the input is not of the format; null where too many streams are open
   */
  step(settings: string, bytes: Uint8Array): Uint8Array | undefined | null {
    const [direction, format, id = '', what] = settings.split(' ');
    if (what === 'close') return this.#close(id);
    let open = this.#open.get(id);
    if (open === undefined) {
      const make = KINDS[`${direction} ${format}`];
      if (make === undefined) return undefined;
      if (this.#open.size >= MAX_OPEN) return null;
      open = opened(make() as ZlibStream, format === 'brotli' ? BROTLI_FINISH : ZLIB_FINISH);
      this.#open.set(id, open);
    }
    if (what === 'write') open.input = new Uint8Array(bytes);
    return this.#write(id, open, what === 'finish' ? open.finish : 0);
  }

  #write(id: string, open: Open, flush: number): Uint8Array | undefined {
    const { stream, input } = open;
    stream._handle.writeSync(flush, input, 0, input.length, this.#output, 0, OUTPUT_BYTES);
    const [room = 0, left = 0] = stream._writeState;
    if (open.hasFailed) {
      this.#close(id);
      return undefined;
    }
    // With room for more output, what it leaves of the input stands behind the end.
    const goesOn = room > 0 && left > 0;
    open.input = input.subarray(input.length - left);
    const answer = new Uint8Array(OUTPUT_BYTES - room + 1);
    answer.set(this.#output.subarray(0, OUTPUT_BYTES - room));
    answer[answer.length - 1] = goesOn ? 2 : room === 0 ? 1 : 0;
    if (goesOn || (room > 0 && flush !== 0)) this.#close(id);
    return answer;
  }

  #close(id: string): undefined {
    this.#open.get(id)?.stream._handle.close();
    this.#open.delete(id);
  }

  /** Gives back what is left open, which nothing else would. */
  end(): void {
    for (const id of this.#open.keys()) this.#close(id);
  }
}

function opened(stream: ZlibStream, finish: number): Open {
  const open: Open = { stream, finish, input: new Uint8Array(0), hasFailed: false };
  stream._handle.onerror = () => {
    open.hasFailed = true;
  };
  return open;
}
