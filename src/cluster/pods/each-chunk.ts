import type { IncomingMessage } from 'node:http';

/** Takes a chunk. True: no more is wanted. The next ones wait for a promise that it returns. */
export type TakeChunk = (chunk: Buffer) => boolean | Promise<boolean>;

/**
 * Gives each chunk of an answer to `take`, until that wants no more or the answer ends. Rejects with what `take` throws, and where the
 * answer breaks off. The connection is kept for the next request only if the answer has ended by then. An async iterator does the same
 * with several times the processor time, as it makes a controller and a dozen listeners for each answer.
 */
export function eachChunk(answer: IncomingMessage, take: TakeChunk): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    /** `take` has not answered yet: the end, which may come meanwhile, waits for it. */
    let isTaking = false;
    const fail = (error: unknown): void => {
      isOver = true;
      answer.destroy();
      reject(error);
    };
    const taken = (isLast: boolean): void => {
      if (!isLast) return;
      isOver = true;
      resolve();
      // The end of the answer follows in the same turn of the event loop, if it is there.
      setImmediate(() => answer.readableEnded || answer.destroy());
    };
    const waitFor = async (promise: Promise<boolean>): Promise<void> => {
      answer.pause();
      isTaking = true;
      taken(await promise);
      isTaking = false;
      if (answer.readableEnded) resolve();
      else answer.resume();
    };
    answer.on('data', (chunk: Buffer) => {
      if (isOver) return;
      try {
        const result = take(chunk);
        if (typeof result === 'boolean') taken(result);
        else waitFor(result).catch(fail);
      } catch (error) {
        fail(error);
      }
    });
    answer.on('end', () => {
      if (!isTaking) resolve();
    });
    answer.on('error', reject);
    answer.on('close', () => {
      if (!answer.readableEnded) reject(new Error('the answer broke off'));
    });
  });
}
