import type { ServerResponse } from 'node:http';
import type { WebResponseHead } from '../../api/web-exchange.ts';
import type { ServedPart } from '../../cluster/pods/serve-reader.ts';
import { drained } from '../../http/drained.ts';
import { CONNECTION_HEADERS } from '../http/connection-headers.ts';
import { cutOffUnread } from '../http/server.ts';
import { isCorsHeader } from './cors.ts';

const OWN: ReadonlySet<string> = new Set(CONNECTION_HEADERS);
/** Responses without a body have no length of one. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

export interface ClientResponseOptions {
  /** Its request is HEAD: it has no body. */
  readonly isHead: boolean;
  /** The headers `Access-Control-*` are the gateway's. */
  readonly hasCors: boolean;
  /** Headers that it gets where the script gives none. */
  readonly more: Readonly<Record<string, string>>;
}

/** Sends the response of a script to the client, as it comes. */
export class ClientResponse {
  readonly #response: ServerResponse;
  readonly #options: ClientResponseOptions;
  #status: number | undefined;
  #isComplete = false;

  constructor(response: ServerResponse, options: ClientResponseOptions) {
    this.#response = response;
    this.#options = options;
  }

  /** Status of the response; undefined before it has begun. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Its whole body has been handed over. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Takes a part. Where the client reads slowly, it waits. */
  readonly take = ({ head, bytes, isLast }: ServedPart): void | Promise<void> => {
    const response = this.#response;
    if (response.destroyed) return undefined;
    if (head !== undefined) this.#start(head, isLast ? bytes.length : undefined);
    this.#isComplete = isLast;
    if (isLast) {
      response.end(bytes);
      // Nothing waits for the client any more that could end with the script.
      cutOffUnread(response);
      return undefined;
    }
    if (bytes.length === 0) {
      response.flushHeaders();
      return undefined;
    }
    return response.write(bytes) ? undefined : drained(response);
  };

  #start({ status, statusText, headers }: WebResponseHead, length: number | undefined): void {
    const response = this.#response;
    const { isHead, hasCors, more } = this.#options;
    this.#status = status;
    response.statusCode = status;
    if (statusText !== '') response.statusMessage = statusText;
    for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
    // What the response depends on for the gateway, it depends on whatever the script says.
    const given = hasCors ? ['vary'] : [];
    for (const [name, value] of headers) {
      const key = name.toLowerCase();
      if (OWN.has(key) || (key === 'content-length' && !isHead) || (hasCors && isCorsHeader(key))) continue;
      if (given.includes(key)) response.appendHeader(name, value);
      else response.setHeader(name, value);
      given.push(key);
    }
    if (length !== undefined && !isHead && !BODILESS.has(status)) response.setHeader('content-length', length);
  }
}
