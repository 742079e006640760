import type { IncomingMessage } from 'node:http';
import { askForBody } from '../http/expect-continue.ts';
import { badRequest, Refusal } from './refusal.ts';

/** An action has some hundred bytes. */
const MAX_BODY_BYTES = 4096;

/** The JSON of a request. @throws Refusal if it is too large or no JSON */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  // A page of another origin can send a form without asking first, but no JSON.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'UnsupportedMediaType', 'the body must be application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  askForBody(request);
  // A request that is destroyed would not be read to its end, and its client may read the refusal only then.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new Refusal(413, 'RequestEntityTooLarge', `the body has more than ${MAX_BODY_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw badRequest('the body is no JSON');
  }
}
