import {
  MAX_RESPONSE_BODY_BYTES,
  MAX_WHOLE_BODY_BYTES,
  type WebRequestHead,
  type WebResponseHead,
} from '../api/web-exchange.ts';
import type { ResponsePart } from './wire/response-part.ts';

/** A request for the web handler that a script exports. */
export interface WebRequest extends WebRequestHead {
  /**
   * All bytes, at most 1 MiB; or what gives them piece by piece while the script reads them, at most 64 MiB. It is asked for a piece when
   * the script waits for one, and its iterator is closed (`return`) when the script reads no more.
   */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

/** A part of a response, in order: the head with the first bytes of the body, then more bytes. */
export interface ResponseChunk {
  readonly head?: WebResponseHead;
  readonly bytes: Buffer;
  /** The response is complete. The script may go on, for what it has given to `ctx.waitUntil`. */
  readonly isLast: boolean;
}

/**
 * Takes the parts of a response while the script runs. The script gives no more before a promise that this returns is fulfilled; a
 * rejection ends the script.
 */
export type Respond = (chunk: ResponseChunk) => void | Promise<void>;

/** A response as it leaves a sandbox: checks the order of its parts and counts their bytes. */
export class WebExchange {
  readonly #respond: Respond;
  #hasHead = false;
  #isComplete = false;
  #bytes = 0;

  constructor(respond: Respond) {
    this.#respond = respond;
  }

  /** It has more bytes than a response may have. */
  get isTooLarge(): boolean {
    return this.#bytes > MAX_RESPONSE_BODY_BYTES;
  }

  /**
   * Takes a part; unless it makes the response too large, it is given on. Settles when it has been taken.
   * @throws TypeError where the parts are in no order of a response: no sandbox sends that, unless it has been taken over
   */
  take({ head, last }: ResponsePart, bytes: Buffer): void | Promise<void> {
    if (this.#isComplete || (head !== undefined) === this.#hasHead)
      throw new TypeError('parts of a response in no order');
    this.#hasHead = true;
    this.#isComplete = last;
    this.#bytes += bytes.length;
    if (this.isTooLarge) return undefined;
    return this.#respond({ ...(head === undefined ? {} : { head }), bytes, isLast: last });
  }
}

/** The body of a request that is there whole; undefined: it has none, or one that arrives while the script runs. */
export const wholeBody = ({ body }: WebRequest): Uint8Array | undefined =>
  body instanceof Uint8Array ? body : undefined;

/** What to say of a request that is not to be given to a script; undefined of any other. */
export function requestExcess(request: WebRequest): string | undefined {
  const bytes = wholeBody(request)?.length ?? 0;
  if (bytes <= MAX_WHOLE_BODY_BYTES) return undefined;
  return `the body of the request has ${bytes} bytes; at most ${MAX_WHOLE_BODY_BYTES} are taken whole`;
}
