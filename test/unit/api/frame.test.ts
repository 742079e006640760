import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeFrame,
  encodeFrame,
  encodePieces,
  FRAME_HEADER_BYTES,
  FrameDecoder,
  frameLength,
} from '../../../src/api/frame.ts';
import { isCollected } from '../../support/collected.ts';

const BOUNDS = { maxJsonBytes: 1000, maxBlobBytes: 1000 };

const message = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), {
  maxKeys: 3,
});
const blob = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes));
const frames = fc.array(fc.tuple(message, blob), { maxLength: 6 });

/** Cuts bytes at any places, several times at the same one too. */
const cutAt = (bytes: Buffer, places: number[]): Buffer[] => {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
};

const header = (jsonBytes: number, blobBytes: number): Buffer => {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES);
  bytes.writeUInt32LE(jsonBytes, 0);
  bytes.writeUInt32LE(blobBytes, 4);
  return bytes;
};

describe('frames', () => {
  test('what was encoded is decoded, however the stream is cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 30 }), (sent, places) => {
        const decoder = new FrameDecoder({ maxJsonBytes: 1 << 20, maxBlobBytes: 1 << 20 });
        const stream = Buffer.concat(sent.map(([json, bytes]) => encodeFrame(json, bytes)));
        const received = cutAt(stream, places).flatMap((chunk) =>
          // A blob is a view, good until the next chunk.
          Array.from(decoder.push(chunk), (frame) => ({ message: frame.message, blob: Buffer.from(frame.blob) })),
        );
        expect(received).toEqual(
          sent.map(([json, bytes]) => ({ message: JSON.parse(JSON.stringify(json)), blob: bytes })),
        );
      }),
    );
  });

  test.each([0, 1, 16 << 10, (16 << 10) + 1, 100_000])('a blob of %d bytes is the same in pieces', (length) => {
    const bytes = Buffer.alloc(length, 'ab');
    const pieces = encodePieces({ a: 'ä' }, bytes);
    expect(Buffer.concat(pieces)).toEqual(encodeFrame({ a: 'ä' }, bytes));
    // A long one is not copied.
    expect(pieces.at(-1) === bytes).toBe(length > 16 << 10);
  });

  test('one byte at a time', () => {
    const decoder = new FrameDecoder(BOUNDS);
    const stream = Buffer.concat([encodeFrame({ a: 'ä€😀' }), encodeFrame({ b: 2 }, Buffer.from('blob'))]);
    const received = Array.from(stream, (byte) => [...decoder.push(Buffer.of(byte))]).flat();
    expect(received.map((frame) => frame.message)).toEqual([{ a: 'ä€😀' }, { b: 2 }]);
    expect(received.map((frame) => frame.blob.toString())).toEqual(['', 'blob']);
  });

  test('a chunk whose frames are all complete is let go of', async () => {
    const decoder = new FrameDecoder(BOUNDS);
    const decode = (): WeakRef<object> => {
      const read = Buffer.from(new ArrayBuffer(64 << 10));
      const length = encodeFrame({ a: 1 }).copy(read);
      expect([...decoder.push(read.subarray(0, length))]).toHaveLength(1);
      return new WeakRef(read.buffer);
    };
    expect(await isCollected(decode())).toBe(true);
    expect([...decoder.push(encodeFrame({ b: 2 }))]).toHaveLength(1);
  });

  test('lengths are those of bytes, not characters', () => {
    const frame = encodeFrame({ a: '€' });
    expect(frameLength(frame, BOUNDS)).toBe(frame.length);
    expect(decodeFrame(frame).message).toEqual({ a: '€' });
  });

  test.each([
    { what: 'JSON and blob at their bounds', json: 1000, blob: 1000, ok: true },
    { what: 'JSON over its bound', json: 1001, blob: 0, ok: false },
    { what: 'a blob over its bound', json: 0, blob: 1001, ok: false },
    { what: 'the most that fits a header', json: 0xffffffff, blob: 0xffffffff, ok: false },
  ])('$what: taken $ok, before anything of it is buffered', ({ json, blob: blobBytes, ok }) => {
    const push = (): unknown => [...new FrameDecoder(BOUNDS).push(header(json, blobBytes))];
    if (ok) expect(push()).toEqual([]);
    else expect(push).toThrow(RangeError);
  });

  test('what is no JSON is refused', () => {
    expect(() => [...new FrameDecoder(BOUNDS).push(Buffer.concat([header(1, 0), Buffer.from('{')]))]).toThrow(
      SyntaxError,
    );
  });
});
