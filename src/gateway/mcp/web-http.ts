/** Between Node's HTTP server and the web platform's Request and Response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cutOffUnread } from '../http/server.ts';

/** The head of a request; its body is read apart. */
export function webRequest({ method = 'GET', url = '/', headers }: IncomingMessage, signal: AbortSignal): Request {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name.startsWith(':') ? [] : [[name, [value].flat().join(', ')] as [string, string]],
  );
  // Only the path counts: Host is whatever a client writes.
  return new Request(new URL(url, 'http://gateway.invalid'), { method, headers: new Headers(pairs), signal });
}

/** Sends an answer as it comes. Resolves when it is sent, or the client is gone. */
export async function sendWebResponse(
  answer: Response,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  if (response.destroyed) return void (await answer.body?.cancel());
  response.writeHead(answer.status, {
    'x-content-type-options': 'nosniff',
    ...Object.fromEntries(answer.headers),
    'cache-control': 'no-store',
    ...headers,
  });
  if (answer.body === null) return void response.end();
  response.flushHeaders();
  const body = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
  body.once('end', () => cutOffUnread(response));
  // A client that goes away ends the body too.
  await pipeline(body, response).catch(() => {});
}
