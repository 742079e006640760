import type { WebResponseHead } from '../../../api/web-exchange.ts';
import { port, primordials } from './kit.ts';

const { TypeError: SafeTypeError, stringify } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;

/** A part of a response (wire/response-part.ts) as JSON. @param head with the first part */
export const partText = (head: WebResponseHead | undefined, last: boolean): string =>
  stringify({ __proto__: null, head, last });

/** Sends the last part of a response, or the only one. @throws TypeError where its head is too long */
export function lastPart(head: WebResponseHead | undefined, body: Bytes | string | undefined): void {
  if (!port('respond', partText(head, true), body, 0)) throw tooLong();
}

export const tooLong = (): TypeError => new SafeTypeError('the headers of the response are too long, or too many');
