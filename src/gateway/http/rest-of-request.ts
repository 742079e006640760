import type { IncomingMessage } from 'node:http';

/** For a client to send the rest of what is not read, in milliseconds. */
const REST_MS = 2000;

/** Reads and drops the rest of a request: a client that is still sending would miss an answer that closes the connection. */
export async function restOf(request: IncomingMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, REST_MS);
    for (const event of ['end', 'close', 'error'] as const) {
      request.once(event, () => {
        clearTimeout(late);
        resolve();
      });
    }
    request.resume();
  });
}

/** Reads and drops the rest of a request that has its answer; the connection of a client that goes on sending is closed. */
export async function dropRestOf(request: IncomingMessage): Promise<void> {
  await restOf(request);
  if (!request.complete) request.destroy();
}
