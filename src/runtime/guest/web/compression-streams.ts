import { bytesOf } from './encoding.ts';
import { asInterface, oneOf, port, primordials } from './kit.ts';
import { type ReadableStream, TransformStream, type WritableStream } from './streams.ts';
import { cut } from './utf8.ts';

const { RangeError: SafeRangeError, TypeError: SafeTypeError } = primordials;

const FORMATS = ['deflate', 'deflate-raw', 'gzip', 'brotli'] as const;
/** What the sandbox process is given at once. */
const INPUT_BYTES = 64 << 10;
let streams = 0;

type Direction = 'compress' | 'decompress';
type Step = 'write' | 'more' | 'finish';

/** A transform whose work the sandbox process does, step by step: each gives at most 64 KiB. */
function transform(direction: Direction, format: unknown): TransformStream {
  const kind = oneOf(format, FORMATS, direction === 'compress' ? 'CompressionStream' : 'DecompressionStream');
  const settings = `${direction} ${kind} ${++streams}`;
  const none = new Uint8Array(0);
  const run = (first: Step, bytes: Uint8Array, enqueue: (bytes: Uint8Array) => void): void => {
    for (let step = first; ; step = step === 'finish' ? 'finish' : 'more') {
      const answer = port('platform', 'compression', `${settings} ${step}`, step === 'write' ? bytes : none);
      if (answer === null) throw new SafeRangeError('too many streams compress or decompress at once');
      if (answer === undefined) {
        throw new SafeTypeError(`the data is not of the format ${kind}, ends too early, or goes on after its end`);
      }
      const output = answer as Uint8Array;
      if (output.length > 1) enqueue(cut(output, 0, output.length - 1));
      if (output[output.length - 1] === 0) return;
    }
  };
  return new TransformStream({
    transform(chunk, controller) {
      const bytes = bytesOf(chunk);
      for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
        run('write', cut(bytes, at, at + INPUT_BYTES), (output) => controller.enqueue(output));
      }
    },
    flush: (controller) => run('finish', none, (output) => controller.enqueue(output)),
    cancel: () => void port('platform', 'compression', `${settings} close`, none),
  });
}

export class CompressionStream {
  readonly #transform: TransformStream;

  constructor(format: unknown) {
    this.#transform = transform('compress', format);
  }

  get readable(): ReadableStream {
    return this.#transform.readable;
  }

  get writable(): WritableStream {
    return this.#transform.writable;
  }
}

export class DecompressionStream {
  readonly #transform: TransformStream;

  constructor(format: unknown) {
    this.#transform = transform('decompress', format);
  }

  get readable(): ReadableStream {
    return this.#transform.readable;
  }

  get writable(): WritableStream {
    return this.#transform.writable;
  }
}

asInterface(CompressionStream, 'CompressionStream');
asInterface(DecompressionStream, 'DecompressionStream');
