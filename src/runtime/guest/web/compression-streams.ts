import { aborts } from './aborts.ts';
import { bytesOf } from './bytes-of.ts';
import { asInterface, oneOf, port, primordials } from './kit.ts';
import {
  ReadableStream,
  type ReadableStreamDefaultController,
  WritableStream,
  type WritableStreamDefaultController,
} from './streams.ts';
import { cut } from './utf8.ts';

const { RangeError: SafeRangeError, TypeError: SafeTypeError } = primordials;

const FORMATS = ['deflate', 'deflate-raw', 'gzip', 'brotli'] as const;
/** What the sandbox process is given at once. */
const INPUT_BYTES = 64 << 10;
const NONE = new Uint8Array(0);
let streams = 0;

type Direction = 'compress' | 'decompress';

/** A chunk that is being worked on, or the end. */
interface Job {
  readonly bytes: Uint8Array;
  readonly isEnd: boolean;
  /** Bytes that the sandbox process has been given. */
  at: number;
  /** Whether it has more output of those. */
  hasMore: boolean;
  /** Whether they go on after the end of what is compressed: an error, once the output before it has been read. */
  goesOn: boolean;
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * Two streams, between which the sandbox process works step by step: only when the readable one is read, and at most 64 KiB at once. So a
 * few bytes that stand for gigabytes take no more memory than what reads them lets them.
 */
function pairOf(direction: Direction, format: unknown): { readable: ReadableStream; writable: WritableStream } {
  const kind = oneOf(format, FORMATS, direction === 'compress' ? 'CompressionStream' : 'DecompressionStream');
  const settings = `${direction} ${kind} ${++streams}`;
  let job: Job | undefined;
  let wake = (): void => {};
  let source: ReadableStreamDefaultController<Uint8Array>;
  let sink: WritableStreamDefaultController;

  const work = (bytes: Uint8Array, isEnd: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      job = { bytes, isEnd, at: 0, hasMore: false, goesOn: false, resolve, reject };
      wake();
    });
  const stop = (reason: unknown): void => {
    port('platform', 'compression', `${settings} close`, NONE);
    job?.reject(reason);
    job = undefined;
  };

  const readable = new ReadableStream(
    {
      start: (controller: ReadableStreamDefaultController<Uint8Array>) => {
        source = controller;
      },
      async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
        for (;;) {
          if (job === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
          const current = job as Job | undefined;
          if (current === undefined) continue;
          let output: Uint8Array;
          try {
            output = step(current, settings, kind);
          } catch (error) {
            stop(error);
            throw error;
          }
          if (output.length > 0) controller.enqueue(output);
          if (!current.hasMore && !current.goesOn && current.at >= current.bytes.length) {
            job = undefined;
            current.resolve();
            if (current.isEnd) return controller.close();
          }
          if (output.length > 0) return;
        }
      },
      cancel(reason: unknown) {
        stop(reason);
        sink.error(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream({
    start(controller: WritableStreamDefaultController) {
      sink = controller;
      aborts.onAbort(controller.signal, () => stop(aborts.reasonOf(controller.signal)));
    },
    async write(chunk: unknown): Promise<void> {
      let bytes: Uint8Array;
      try {
        bytes = bytesOf(chunk);
      } catch (error) {
        source.error(error);
        throw error;
      }
      if (bytes.length > 0) await work(bytes, false);
    },
    close: () => work(NONE, true),
    abort(reason: unknown) {
      stop(reason);
      source.error(reason);
    },
  });
  return { readable, writable };
}

/** Gives the sandbox process the next part of a job, or asks for more output of the last. */
function step(job: Job, settings: string, kind: string): Uint8Array {
  if (job.goesOn) throw new SafeTypeError(`the data goes on after the end of its format ${kind}`);
  let what = 'more';
  let input = NONE;
  if (job.isEnd) what = 'finish';
  else if (!job.hasMore) {
    what = 'write';
    input = cut(job.bytes, job.at, job.at + INPUT_BYTES);
    job.at += INPUT_BYTES;
  }
  const answer = port('platform', 'compression', `${settings} ${what}`, input);
  if (answer === null) throw new SafeRangeError('too many streams compress or decompress at once');
  if (answer === undefined) {
    throw new SafeTypeError(`the data is not of the format ${kind}, or ends too early`);
  }
  const output = answer as Uint8Array;
  const state = output[output.length - 1];
  job.hasMore = state === 1;
  job.goesOn = state === 2;
  return cut(output, 0, output.length - 1);
}

export class CompressionStream {
  readonly #streams: { readonly readable: ReadableStream; readonly writable: WritableStream };

  constructor(format: unknown) {
    this.#streams = pairOf('compress', format);
  }

  get readable(): ReadableStream {
    return this.#streams.readable;
  }

  get writable(): WritableStream {
    return this.#streams.writable;
  }
}

export class DecompressionStream {
  readonly #streams: { readonly readable: ReadableStream; readonly writable: WritableStream };

  constructor(format: unknown) {
    this.#streams = pairOf('decompress', format);
  }

  get readable(): ReadableStream {
    return this.#streams.readable;
  }

  get writable(): WritableStream {
    return this.#streams.writable;
  }
}

asInterface(CompressionStream, 'CompressionStream');
asInterface(DecompressionStream, 'DecompressionStream');
