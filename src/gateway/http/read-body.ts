import type { IncomingMessage } from 'node:http';
import type { JsonValue } from '../../api/json.ts';
import { textNestsTooDeep, tooDeepMessage } from '../../api/json-depth.ts';
import { askForBody } from '../../http/expect-continue.ts';
import { Refusal } from '../refusal.ts';
import { ArrivingBody } from './arriving-body.ts';
import type { BodyHold } from './body-budget.ts';

/** Maximum size of a request's body in bytes: more than the largest spec that an API server stores. */
export const MAX_BODY_BYTES = 2 << 20;
/** For a body that is read whole to arrive, in milliseconds. */
const WHOLE_BODY_MS = 30_000;
const NOTHING: Buffer = Buffer.alloc(0);
/** A spec is one level around params and context. */
const MAX_DEPTH = 101;

/**
 * Reads the body of a request as JSON.
 * @param what it should be, for the error of an empty one
 * @param hold what it takes room of
 * @throws Refusal BadRequest, UnsupportedMediaType, RequestEntityTooLarge, TooManyRequests or ServiceUnavailable
 */
export async function readJson(request: IncomingMessage, what: string, hold: BodyHold): Promise<JsonValue> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  // Browsers send nothing of this type to other origins without asking first.
  if (type !== 'application/json') {
    const given = type === undefined ? '' : `, not ${type.slice(0, 100)}`;
    throw new Refusal('UnsupportedMediaType', `Content-Type must be application/json${given}`);
  }
  if (request.headers['content-encoding'] !== undefined) {
    throw new Refusal('UnsupportedMediaType', 'the body must not be compressed');
  }
  const text = (await readBytes(request, MAX_BODY_BYTES, hold)).toString('utf8');
  if (text.trim() === '') throw new Refusal('BadRequest', `the body is empty: send ${what}`);
  if (textNestsTooDeep(text, MAX_DEPTH)) throw new Refusal('BadRequest', tooDeepMessage('the body'));
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new Refusal('BadRequest', `the body is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

/**
 * Reads the body of a request as it is.
 * @param hold what it takes room of
 * @param withinMs how long it may take to arrive
 * @throws Refusal BadRequest, RequestTimeout, RequestEntityTooLarge, or TooManyRequests or ServiceUnavailable where there is no room
 */
export async function readBytes(
  request: IncomingMessage,
  maxBytes: number,
  hold: BodyHold,
  withinMs = WHOLE_BODY_MS,
): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? maxBytes);
  if (declared > maxBytes) throw bodyTooLarge(maxBytes);
  // It has closed before there was a listener: nothing more would come.
  if (request.destroyed) throw bodyIncomplete();
  if (hasArrived(request)) return readArrived(request, maxBytes, hold);
  const body = new ArrivingBody(hold, declared);
  let bytes = 0;
  let late: NodeJS.Timeout | undefined;
  askForBody(request);
  // By events: an iteration that ends early would destroy the connection before the refusal is sent.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
        body.add(chunk);
      } catch (error) {
        request.removeAllListeners('data').pause();
        reject(error);
      }
    });
    request.once('end', resolve);
    request.once('close', () => {
      // It closes after each body: an error has a stack trace, which costs more than reading a small body.
      if (!request.readableEnded) reject(bodyIncomplete());
    });
    request.once('error', () => reject(bodyIncomplete()));
    late = setTimeout(() => reject(bodyTooSlow(withinMs)), withinMs);
  }).finally(() => {
    // A refused body has given its room back: it keeps no bytes, and what still arrives takes no room.
    clearTimeout(late);
    request.removeAllListeners('data');
  });
  return body.whole;
}

/** Whether Node holds all of a body, which is so for most: it has come with the head. */
const hasArrived = ({ complete, readableLength, headers }: IncomingMessage): boolean =>
  complete || (headers['content-length'] !== undefined && Number(headers['content-length']) === readableLength);

/** Takes a body that has arrived: without listeners, which cost more than all else for a short one. */
function readArrived(request: IncomingMessage, maxBytes: number, hold: BodyHold): Buffer {
  const { readableLength: bytes } = request;
  if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
  hold.take(bytes);
  const body = request.read() as Buffer | null;
  // To its end, after which Node lets go of it.
  request.resume();
  return body ?? NOTHING;
}

export const bodyTooLarge = (maxBytes: number): Refusal =>
  new Refusal('RequestEntityTooLarge', `the body exceeds ${maxBytes} bytes`);

const bodyIncomplete = (): Refusal => new Refusal('BadRequest', 'the body did not arrive whole');

const bodyTooSlow = (withinMs: number): Refusal =>
  new Refusal('RequestTimeout', `the body did not arrive within ${withinMs / 1000} s; nothing was started`);
