/** Calls a web handler with a request, and sends the response that it gives. */
import { MAX_PART_BYTES } from '../../../api/web-exchange.ts';
import type { StepAnswer } from '../fetch-steps.ts';
import type { GivenRequest } from '../given-request.ts';
import { Body } from './body.ts';
import { port, primordials, readBody, sendPart } from './kit.ts';
import type { ByteReader, ByteSource } from './lazy-streams.ts';
import { makeRequest, type Request } from './request.ts';
import { isResponse, responseParts } from './response.ts';
import { copied, cut } from './utf8.ts';
import { wholeOfRequest } from './whole-body.ts';

const { TypeError: SafeTypeError, stringify } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;

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
  const parts = new Parts({ __proto__: null, status, statusText, headers } as Head);
  if (sent === null) return parts.last(undefined);
  const { whole } = sent;
  if (given.method === 'HEAD') {
    // The length is that of the body which a GET would get.
    if (whole !== undefined) parts.addLength(whole.bytes().length);
    void sent.cancel(undefined);
    return parts.last(undefined);
  }
  if (whole === undefined) return send(sent, parts);
  if (whole.source !== undefined && whole.source.length <= MAX_TEXT_LENGTH) return parts.last(whole.source);
  const bytes = whole.bytes();
  return bytes.length <= MAX_PART_BYTES ? parts.last(copied(bytes)) : send(sent, parts);
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

/** Sends a body as it comes, each part once the one before has been taken. */
async function send(body: Body, parts: Parts): Promise<void> {
  const reader = body.reader();
  const first = reader.read();
  const atOnce = await soon(first);
  // What is a stream only because something has wrapped it is sent whole, and so has a length.
  if (atOnce !== undefined && atOnce.bytes !== undefined && atOnce.bytes.length <= MAX_PART_BYTES) {
    const second = reader.read();
    const end = await soon(second);
    if (end !== undefined && end.bytes === undefined) return parts.last(copied(atOnce.bytes));
    await parts.next(copied(atOnce.bytes));
    return sendRest(second, reader, parts);
  }
  // The head goes first: a stream may say nothing for long.
  if (atOnce === undefined) await parts.next(undefined);
  return sendRest(first, reader, parts);
}

async function sendRest(next: Promise<Bytes | undefined>, reader: ByteReader, parts: Parts): Promise<void> {
  for (let reading = next; ; reading = reader.read()) {
    const bytes = await reading;
    if (bytes === undefined) return parts.last(undefined);
    for (let from = 0; from < bytes.length; from += MAX_PART_BYTES) {
      await parts.next(copied(cut(bytes, from, from + MAX_PART_BYTES)));
    }
  }
}

/** Turns of promises within which a stream that has its bytes gives them. */
const TURNS = 16;

/** What a read gives without waiting for anything but promises; undefined where it takes longer. */
async function soon(reading: Promise<Bytes | undefined>): Promise<{ readonly bytes: Bytes | undefined } | undefined> {
  let read: { readonly bytes: Bytes | undefined } | undefined;
  let hasFailed = false;
  reading.then(
    (bytes) => {
      read = { __proto__: null, bytes } as { readonly bytes: Bytes | undefined };
    },
    () => {
      hasFailed = true;
    },
  );
  for (let i = 0; i < TURNS && read === undefined && !hasFailed; i++) await undefined;
  return read;
}

interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** The parts of one response: its head goes with the first. */
class Parts {
  #head: Head | undefined;

  constructor(head: Head) {
    this.#head = head;
  }

  addLength(bytes: number): void {
    const { status, statusText, headers } = this.#head as Head;
    if (headers.some(([name]) => name.toLowerCase() === 'content-length')) return;
    const all = [...headers, ['content-length', `${bytes}`] as const];
    this.#head = { __proto__: null, status, statusText, headers: all } as Head;
  }

  /** Sends bytes. Settles when they have been taken. */
  async next(bytes: Bytes | undefined): Promise<void> {
    const taken = sendPart(this.#part(false), bytes);
    if (taken === undefined) throw tooLong();
    await (taken as Promise<StepAnswer>);
  }

  /** Sends the end of the body. */
  last(bytes: Bytes | string | undefined): void {
    if (!port('respond', this.#part(true), bytes, 0)) throw tooLong();
  }

  #part(last: boolean): string {
    const head = this.#head;
    this.#head = undefined;
    return stringify({ __proto__: null, head, last });
  }
}

const tooLong = (): TypeError => new SafeTypeError('the headers of the response are too long, or too many');

const kindOf = (value: unknown): string =>
  value === undefined || value === null
    ? `${value as null}`
    : typeof value === 'object'
      ? 'an object of another kind'
      : `a ${typeof value}`;
