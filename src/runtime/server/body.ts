import type { IncomingMessage } from 'node:http';
import { RefusalError } from './refusal.ts';

/**
 * The body of a request, as it comes. One that is refused is read to its end all the same: a client that is still sending
 * would not see the answer.
 * @throws RefusalError TooLarge beyond so many bytes, BadRequest where it is encoded, or breaks off
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch {
    throw new RefusalError('BadRequest', 'the body breaks off');
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw new RefusalError('BadRequest', 'the body must not be encoded');
  if (bytes > maxBytes) throw new RefusalError('TooLarge', `the body has over ${maxBytes} bytes`);
  return Buffer.concat(chunks);
}
