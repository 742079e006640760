import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { UsageError, unreadable } from './usage-error.ts';

/**
 * Reads a regular file, following symbolic links. Any other file type, such as a FIFO or a device, is refused at once:
 * opening or reading it may block for ever.
 *
 * @param maxBytes a longer file is refused
 * @throws UsageError if it cannot be read
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    checkRegular(path, stats);
    // Files in /proc report size 0, and a file may grow: the bytes read are counted instead.
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false })) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    if (bytes > maxBytes) throw tooLong(path, maxBytes);
    return Buffer.concat(chunks);
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(path, error);
  }
}

/** @throws UsageError unless it is a regular file */
export function checkRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw new UsageError(`${path}: is a directory`);
  const what = stats.isFIFO()
    ? 'a FIFO'
    : stats.isSocket()
      ? 'a socket'
      : stats.isCharacterDevice()
        ? 'a character device'
        : 'a block device';
  throw new UsageError(`${path}: is ${what}, not a regular file`, 'name a file, or - for standard input');
}

/** Error for an input above the size limit. */
export function tooLong(path: string, maxBytes: number): UsageError {
  return new UsageError(`${path}: has more than ${maxBytes / 2 ** 20} MiB`, 'split it');
}
