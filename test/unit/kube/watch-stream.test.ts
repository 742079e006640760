import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../src/kube/api-error.ts';
import { parseWatchLine, readLines } from '../../../src/kube/watch-stream.ts';

describe('the lines of a watch', () => {
  const bytes = Buffer.from('one\ntwo é😀\n\nthree\ncut o');

  test.each([1, 2, 3, 5, 7, 100])('are independent of the chunk size: %i bytes', async (size) => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    const lines: string[] = [];
    for await (const line of readLines(Readable.from(pieces, { objectMode: false }))) lines.push(line);
    expect(lines).toEqual(['one', 'two é😀', '', 'three']);
  });

  test.each([1, 2, 3, 7, 100])('are left out if they are too long, at chunks of %i bytes', async (size) => {
    const all = Buffer.from('1234\n12345\n\n123456789\n4321\n');
    const pieces: Buffer[] = [];
    for (let at = 0; at < all.length; at += size) pieces.push(all.subarray(at, at + size));
    const lines: string[] = [];
    const body = Readable.from(pieces, { objectMode: false });
    for await (const line of readLines(body, { maxLength: 4 })) lines.push(line);
    expect(lines).toEqual(['1234', '', '4321']);
  });

  test('take no memory while one that is too long goes on', async () => {
    const piece = 'x'.repeat(1 << 16);
    const used: number[] = [];
    function* endless(): Generator<Buffer, void> {
      for (let count = 0; count < 4096; count += 1) {
        // Decoded anew each time, so that each piece is a text of its own.
        yield Buffer.from(piece);
        used.push(process.memoryUsage().heapUsed);
      }
      yield Buffer.from('\nnext\n');
    }
    const lines: string[] = [];
    const body = Readable.from(endless(), { objectMode: false });
    for await (const line of readLines(body, { maxLength: 1 << 20 })) lines.push(line);
    expect(lines).toEqual(['next']);
    expect(Math.max(...used) - (used[0] as number)).toBeLessThan(128 << 20);
  });

  test("of type ERROR end it with the server's error", () => {
    const line = JSON.stringify({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'old' },
    });
    expect(() => parseWatchLine(line)).toThrow(new ApiError(410, { message: 'old' }));
  });
});
