import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAX_STREAMED_BODY_BYTES, MAX_WHOLE_BODY_BYTES } from '../../api/web-exchange.ts';
import type { BodyHold } from './body-budget.ts';
import { bodyTooLarge, readBytes } from './read-body.ts';
import { StreamedBody } from './streamed-body.ts';

const NOTHING = Buffer.alloc(0);

/**
 * The body of a request: whole where it is short, so that a slow client occupies no VM, or where it has arrived already; else streamed.
 * Short is a length of at most 1 MiB that the client has declared.
 *
 * @param mustBeWhole its signature is to be checked before a script sees it
 * @param holds what it takes room of, where it is whole and where it is streamed
 * @param onTooLarge a streamed body turns out to be too large
 * @throws Refusal BadRequest, RequestTimeout, RequestEntityTooLarge, or TooManyRequests or ServiceUnavailable where there is no room
 */
export async function receiveBody(
  request: IncomingMessage,
  {
    mustBeWhole,
    holds,
    onTooLarge,
  }: {
    readonly mustBeWhole: boolean;
    readonly holds: { readonly whole: BodyHold; readonly streamed: BodyHold };
    readonly onTooLarge: () => void;
  },
): Promise<Buffer | StreamedBody> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (length === undefined && encoding === undefined) return NOTHING;
  const declared = length === undefined ? undefined : Number(length);
  if (mustBeWhole || (declared ?? Number.POSITIVE_INFINITY) <= MAX_WHOLE_BODY_BYTES) {
    return await readBytes(request, MAX_WHOLE_BODY_BYTES, holds.whole);
  }
  const maxBytes = MAX_STREAMED_BODY_BYTES;
  if ((declared ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
  // What came with the head has been parsed by then.
  if (declared === undefined) await nextTurn();
  if (request.complete) return await readBytes(request, MAX_WHOLE_BODY_BYTES, holds.whole);
  return new StreamedBody(request, { maxBytes, hold: holds.streamed, onTooLarge });
}
