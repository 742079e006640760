/** Streams: web-streams-polyfill, which is written after the standard's reference implementation, and what the platform does with them. */
import {
  ReadableByteStreamController as ByteController,
  type ReadableByteStreamController,
  ReadableStream,
  ReadableStreamDefaultReader,
  TransformStream,
  WritableStream,
} from 'web-streams-polyfill';
import { asInterface, primordials } from './kit.ts';
import { known } from './known.ts';
import { joined } from './utf8.ts';

export {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from 'web-streams-polyfill';

const {
  TypeError: SafeTypeError,
  apply,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isView,
  setPrototypeOf,
  typedByteLength,
  typedName,
} = primordials;

type Bytes = Uint8Array<ArrayBuffer>;
export type ByteStream = ReadableStream<Bytes>;

// So that structuredClone knows them for what they are.
for (const Interface of [ReadableStream, WritableStream, TransformStream]) asInterface(Interface, Interface.name);

// The iterators of streams inherit from what those of generators inherit from.
const generatorPrototype = getPrototypeOf(async function* () {}) as { readonly prototype: object };
setPrototypeOf(getPrototypeOf(new ReadableStream().values()), getPrototypeOf(generatorPrototype.prototype));

const lockedGetter = getOwnPropertyDescriptor(ReadableStream.prototype, 'locked')?.get as () => boolean;
const { cancel, getReader, tee } = ReadableStream.prototype;
const { read, cancel: cancelReader } = ReadableStreamDefaultReader.prototype;

export const isLocked = (stream: ReadableStream): boolean => apply(lockedGetter, stream, []);

export function isReadableStream(value: unknown): value is ReadableStream {
  try {
    apply(lockedGetter, value, []);
    return true;
  } catch {
    return false;
  }
}

known.isReadableStream = isReadableStream;

/** Whether something has been read from a stream, or it has been cancelled: the polyfill keeps it in this property. */
export const isDisturbed = (stream: ReadableStream): boolean =>
  (stream as unknown as { _disturbed: boolean })._disturbed;

/**
 * Two streams in the place of one.
 * @param clone makes the second one's chunks of those of a stream that gives other than bytes; a byte stream copies its own
 */
export function branches(stream: ByteStream, clone: (chunk: unknown) => unknown): [ByteStream, ByteStream] {
  const [one, two] = apply(tee, stream, []) as [ByteStream, ByteStream];
  const { _readableStreamController: controller } = stream as unknown as { _readableStreamController: object };
  return [one, controller instanceof ByteController ? two : (mapped(two, clone) as ByteStream)];
}

function mapped(stream: ReadableStream, map: (chunk: unknown) => unknown): ReadableStream {
  const reader = apply(getReader as never, stream, [] as never) as ReadableStreamDefaultReader;
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await apply(read, reader, []);
        if (done) return controller.close();
        try {
          controller.enqueue(map(value));
        } catch (error) {
          void apply(cancelReader, reader, [error]);
          throw error;
        }
      },
      cancel: (reason: unknown) => apply(cancelReader, reader, [reason]),
    },
    { highWaterMark: 0 },
  );
}

export const cancelStream = async (stream: ReadableStream, reason?: unknown): Promise<void> =>
  apply(cancel, stream, [reason]);

/** What a stream of bytes comes from, pulled when a reader asks for it. */
export interface ByteSource {
  /** The next bytes, of at least one byte; undefined at the end. A rejection is the stream's error. */
  pull(): Promise<Bytes | undefined> | Bytes | undefined;
  cancel?(reason: unknown): unknown;
}

/** A byte stream that holds nothing back: it pulls only for a reader that waits. */
export function byteStream({ pull, cancel }: ByteSource): ByteStream {
  return new ReadableStream({
    type: 'bytes',
    pull(controller: ReadableByteStreamController): Promise<void> | void {
      const next = pull();
      // Bytes that are there are not awaited: a script may have given all objects a `then`.
      if (next === undefined || isView(next)) return give(controller, next);
      return giveLater(controller, next);
    },
    cancel: (reason: unknown) => cancel?.(reason) as undefined,
  }) as ByteStream;
}

async function giveLater(controller: ReadableByteStreamController, next: Promise<Bytes | undefined>): Promise<void> {
  give(controller, await next);
}

function give(controller: ReadableByteStreamController, bytes: Bytes | undefined): void {
  if (bytes === undefined) {
    controller.close();
    controller.byobRequest?.respond(0);
  } else controller.enqueue(bytes);
}

/** A reader of a body: of a stream that gives bytes and nothing else. */
export interface ByteReader {
  /** @throws what the stream was errored with; TypeError where a chunk is no Uint8Array */
  read(): Promise<Bytes | undefined>;
  cancel(reason: unknown): Promise<void>;
}

/** Locks a stream. @throws TypeError where it is locked */
export function byteReader(stream: ReadableStream): ByteReader {
  const reader = apply(getReader as never, stream, [] as never) as ReadableStreamDefaultReader;
  return {
    async read() {
      const { done, value } = await apply(read, reader, []);
      if (done) return undefined;
      if (apply(typedName, value, []) !== 'Uint8Array')
        throw new SafeTypeError('a chunk of the body is not a Uint8Array');
      return value as Bytes;
    },
    cancel: async (reason) => apply(cancelReader, reader, [reason]),
  };
}

/** Reads a stream to its end; it stays locked. */
export async function readAll(stream: ReadableStream): Promise<Bytes> {
  const reader = byteReader(stream);
  const parts: Bytes[] = [];
  for (;;) {
    const bytes = await reader.read();
    if (bytes === undefined) return joined(parts);
    if (apply(typedByteLength as () => number, bytes, []) > 0) parts[parts.length] = bytes;
  }
}
