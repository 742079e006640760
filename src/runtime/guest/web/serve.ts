/** Calls a web handler with a request, and sends the response that it gives. */
import { MAX_PART_BYTES, type WebResponseHead } from '../../../api/web-exchange.ts';
import type { GivenRequest } from '../given-request.ts';
import { Body } from './body.ts';
import { port, primordials, readBody } from './kit.ts';
import type { ByteSource } from './lazy-streams.ts';
import { makeRequest, type Request } from './request.ts';
import { isResponse, responseParts } from './response.ts';
import { lastPart } from './response-part.ts';
import { copied } from './utf8.ts';
import { wholeOfRequest } from './whole-body.ts';

const { TypeError: SafeTypeError } = primordials;

type Streaming = typeof import('./response-stream.ts');

/** A unit of UTF-16 takes up to three bytes. */
const MAX_TEXT_LENGTH = Math.floor(MAX_PART_BYTES / 3);

/**
 * Settles when the response has been sent whole.
 * @param call calls the handler
 * @throws what the handler throws, and what its body's stream was errored with; TypeError where it gives no Response
 */
export async function serve(call: (request: Request) => unknown, given: GivenRequest): Promise<void> {
  const response = await call(makeRequest(given, bodyOf(given)));
  if (!isResponse(response)) {
    throw new SafeTypeError(
      `the web handler gave ${kindOf(response)}: it must return a Response, or a promise for one`,
    );
  }
  const { status, statusText, headers, body: sent } = responseParts(response);
  if (status === 0) throw new SafeTypeError('the web handler gave Response.error(), which cannot be sent');
  const head = { __proto__: null, status, statusText, headers } as WebResponseHead;
  if (sent === null) return lastPart(head, undefined);
  const { whole } = sent;
  if (given.method === 'HEAD') {
    // The length is that of the body which a GET would get.
    const length = whole?.bytes().length;
    void sent.cancel(undefined);
    return lastPart(length === undefined ? head : withLength(head, length), undefined);
  }
  if (whole?.source !== undefined && whole.source.length <= MAX_TEXT_LENGTH) return lastPart(head, whole.source);
  const bytes = whole?.bytes();
  return bytes !== undefined && bytes.length <= MAX_PART_BYTES
    ? lastPart(head, copied(bytes))
    : responseStream().sendStream(head, sent);
}

/** Few responses are not there whole. */
const responseStream = (): Streaming => require('./response-stream.ts') as Streaming;

function withLength({ status, statusText, headers }: WebResponseHead, bytes: number): WebResponseHead {
  const hasLength = headers.some(([name]) => name.toLowerCase() === 'content-length');
  const all = hasLength ? headers : [...headers, ['content-length', `${bytes}`] as const];
  return { __proto__: null, status, statusText, headers: all } as WebResponseHead;
}

function bodyOf({ body, isKept, run }: GivenRequest): Body | null {
  if (body === 'none') return null;
  return body === 'whole' ? new Body(wholeOfRequest(isKept)) : new Body(undefined, streamedBody(run));
}

/** The body of a request, which arrives while it is read. */
const streamedBody = (run: number): ByteSource =>
  ({
    __proto__: null,
    async pull() {
      const reading = readBody(run);
      if (reading === undefined) throw new SafeTypeError('the request is over: its body can no longer be read');
      const { ok, value, bytes } = await reading;
      if (!ok) throw new SafeTypeError(value);
      return bytes;
    },
    cancel: () => void port('body', 'cancel', run, 0),
  }) as ByteSource;

const kindOf = (value: unknown): string =>
  value === undefined || value === null
    ? `${value as null}`
    : typeof value === 'object'
      ? 'an object of another kind'
      : `a ${typeof value}`;
