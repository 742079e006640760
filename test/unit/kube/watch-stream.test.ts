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

  test("of type ERROR end it with the server's error", () => {
    const line = JSON.stringify({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'old' },
    });
    expect(() => parseWatchLine(line)).toThrow(new ApiError(410, { message: 'old' }));
  });
});
