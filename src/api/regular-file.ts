import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { UsageError, unreadable } from './usage-error.ts';

/**
 * Reads a regular file, through symbolic links. Anything else that has a name, such as a FIFO or a device, is refused
 * at once: to open or read one may never end.
 *
 * @param maxBytes a longer file is refused
 * @throws UsageError where it cannot be read
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, to open a FIFO waits for a process that writes to it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    checkRegular(path, stats);
    // The size of a file in /proc is 0, and a file may grow: the bytes that were read count.
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

/** @throws UsageError where this is no regular file */
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

/** What to say of an input that is longer than what is read. */
export function tooLong(path: string, maxBytes: number): UsageError {
  return new UsageError(`${path}: has more than ${maxBytes / 2 ** 20} MiB`, 'split it');
}
