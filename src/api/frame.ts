/**
 * Frames between the supervisor and a sandbox process, and between a gateway and a pod: `u32 bytes of JSON | u32 bytes of blob |
 * JSON | blob`, little endian. The blob contains data that JSON would enlarge: source text, V8 code and bodies.
 */
export interface Frame {
  readonly message: unknown;
  readonly blob: Buffer;
}

export const FRAME_HEADER_BYTES = 8;

/** Maximum sizes of a frame; a larger one is an attack or a bug. */
export interface FrameBounds {
  readonly maxJsonBytes: number;
  readonly maxBlobBytes: number;
}

const NO_BLOB = Buffer.alloc(0);

/** A longer blob is written for itself: to copy it behind its head takes longer than a second write. */
const MAX_COPIED_BYTES = 16 << 10;

/** Encodes a message, and optionally a blob, as one frame. */
export function encodeFrame(message: object, blob: Buffer = NO_BLOB): Buffer {
  return encode(message, blob, true);
}

/** Encodes a frame in the pieces that are to be written: one, or where the blob is long, its head and the blob as it is. */
export function encodePieces(message: object, blob: Buffer = NO_BLOB): readonly Buffer[] {
  return blob.length <= MAX_COPIED_BYTES ? [encode(message, blob, true)] : [encode(message, blob, false), blob];
}

function encode(message: object, blob: Buffer, isWhole: boolean): Buffer {
  const json = JSON.stringify(message);
  const jsonBytes = Buffer.byteLength(json);
  const blobAt = FRAME_HEADER_BYTES + jsonBytes;
  const encoded = Buffer.allocUnsafe(isWhole ? blobAt + blob.length : blobAt);
  encoded.writeUInt32LE(jsonBytes, 0);
  encoded.writeUInt32LE(blob.length, 4);
  encoded.write(json, FRAME_HEADER_BYTES);
  if (isWhole) blob.copy(encoded, blobAt);
  return encoded;
}

/** Length of the whole frame with this header, in bytes. @throws RangeError if it exceeds the bounds */
export function frameLength(header: Buffer, bounds: FrameBounds): number {
  const jsonBytes = header.readUInt32LE(0);
  const blobBytes = header.readUInt32LE(4);
  if (jsonBytes > bounds.maxJsonBytes || blobBytes > bounds.maxBlobBytes) {
    throw new RangeError(`frame of ${jsonBytes} + ${blobBytes} bytes is out of bounds`);
  }
  return FRAME_HEADER_BYTES + jsonBytes + blobBytes;
}

/** Decodes one complete frame. The blob is a view. @throws SyntaxError if its JSON is invalid */
export function decodeFrame(frame: Buffer): Frame {
  const blobStart = FRAME_HEADER_BYTES + frame.readUInt32LE(0);
  return {
    message: JSON.parse(frame.toString('utf8', FRAME_HEADER_BYTES, blobStart)),
    blob: frame.subarray(blobStart),
  };
}

/** Splits a stream of chunks into frames. */
export class FrameDecoder {
  readonly #bounds: FrameBounds;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #wanted = FRAME_HEADER_BYTES;

  constructor(bounds: FrameBounds) {
    this.#bounds = bounds;
  }

  /** Adds a chunk and yields complete frames. @throws RangeError or SyntaxError for an invalid frame */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= this.#wanted) {
      const data = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const length = frameLength(data, this.#bounds);
      this.#wanted = length;
      this.#chunks = [data];
      if (data.length < length) return;
      // An empty rest would be a view too, and keep all 64 KiB that the chunk was read into.
      this.#chunks = data.length === length ? [] : [data.subarray(length)];
      this.#buffered = data.length - length;
      this.#wanted = FRAME_HEADER_BYTES;
      yield decodeFrame(data.subarray(0, length));
    }
  }
}
