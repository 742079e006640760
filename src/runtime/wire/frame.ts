/**
 * Frames between the supervisor and a sandbox process: `u32 bytes of JSON | u32 bytes of blob | JSON | blob`, little
 * endian. The blob carries what JSON would only make bigger: source text and V8 code.
 */
export interface Frame {
  readonly message: unknown;
  readonly blob: Buffer;
}

export const FRAME_HEADER_BYTES = 8;

/** What a frame may hold at most; a longer one is an attack or a bug. */
export interface FrameBounds {
  readonly maxJsonBytes: number;
  readonly maxBlobBytes: number;
}

const NO_BLOB = Buffer.alloc(0);

/** Makes one frame of a message and, if there is one, its blob. */
export function encodeFrame(message: object, blob: Buffer = NO_BLOB): Buffer {
  const json = JSON.stringify(message);
  const jsonBytes = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + jsonBytes + blob.length);
  frame.writeUInt32LE(jsonBytes, 0);
  frame.writeUInt32LE(blob.length, 4);
  frame.write(json, FRAME_HEADER_BYTES);
  blob.copy(frame, FRAME_HEADER_BYTES + jsonBytes);
  return frame;
}

/** Length of the whole frame that starts with this header, in bytes. @throws RangeError if it is out of bounds. */
export function frameLength(header: Buffer, bounds: FrameBounds): number {
  const jsonBytes = header.readUInt32LE(0);
  const blobBytes = header.readUInt32LE(4);
  if (jsonBytes > bounds.maxJsonBytes || blobBytes > bounds.maxBlobBytes) {
    throw new RangeError(`frame of ${jsonBytes} + ${blobBytes} bytes is out of bounds`);
  }
  return FRAME_HEADER_BYTES + jsonBytes + blobBytes;
}

/** Takes one complete frame apart. The blob is a view. @throws SyntaxError if its JSON is none. */
export function decodeFrame(frame: Buffer): Frame {
  const blobStart = FRAME_HEADER_BYTES + frame.readUInt32LE(0);
  return {
    message: JSON.parse(frame.toString('utf8', FRAME_HEADER_BYTES, blobStart)),
    blob: frame.subarray(blobStart),
  };
}

/** Cuts a stream of chunks into frames. */
export class FrameDecoder {
  readonly #bounds: FrameBounds;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #wanted = FRAME_HEADER_BYTES;

  constructor(bounds: FrameBounds) {
    this.#bounds = bounds;
  }

  /** Adds what arrived and gives the frames that are complete. @throws RangeError or SyntaxError for a bad frame. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= this.#wanted) {
      const data = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const length = frameLength(data, this.#bounds);
      this.#wanted = length;
      this.#chunks = [data];
      if (data.length < length) return;
      this.#chunks = [data.subarray(length)];
      this.#buffered = data.length - length;
      this.#wanted = FRAME_HEADER_BYTES;
      yield decodeFrame(data.subarray(0, length));
    }
  }
}
